#include "sqlite/writer.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "sqlite/database.h"
#include "sqlite/file_table.h"
#include "sqlite/run_records.h"
#include "sqlite/write_session.h"
#include "store/accept.h"
#include "store/store.h"

namespace bellpull {

namespace {

// The second lane's share of one commit, so that events never wait long behind records.
constexpr std::size_t max_tasks = 512;
constexpr std::chrono::milliseconds max_task_time{4};
constexpr std::chrono::seconds reopen_pause{1};
// Between two pieces of background work while others want the writer.
constexpr std::chrono::milliseconds background_pause{2};

bool is_disk_failure(const std::exception& error) {
  const auto* failure = dynamic_cast<const SqliteError*>(&error);
  return failure != nullptr && (failure->is_full() || failure->is_io_failure());
}

std::exception_ptr unavailable(const std::string& why) {
  return std::make_exception_ptr(StoreUnavailable(why));
}

}  // namespace

Writer::Writer(std::filesystem::path file, Random& random, Callbacks callbacks, Log& log)
    : file_(std::move(file)), random_(random), callbacks_(std::move(callbacks)), log_(log) {}

Writer::~Writer() { stop(); }

void Writer::start() {
  session_ = open_session(RunRecords::After::process_death);
  stopping_ = false;
  ended_ = false;
  thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
  session_.reset();
}

void Writer::submit(AcceptBatch& batch) {
  {
    const std::scoped_lock lock{mutex_};
    if (!ended_) {
      accepts_.push_back(&batch);
      woken_.notify_one();
      return;
    }
  }
  for (AcceptBatch::Entry& entry : batch.entries) entry.result = {};
  batch.committed();
}

void Writer::submit(WriteTask& task) {
  {
    const std::scoped_lock lock{mutex_};
    if (!ended_) {
      tasks_.push_back(&task);
      woken_.notify_one();
      return;
    }
  }
  task.done(unavailable("the store has been stopped"));
}

void Writer::submit_background(WriteTask& task) {
  {
    const std::scoped_lock lock{mutex_};
    if (!ended_) {
      background_.push_back(&task);
      woken_.notify_one();
      return;
    }
  }
  task.done(unavailable("the store has been stopped"));
}

StoreHealth Writer::health() const {
  return {.writable = writable_, .commits = commits_, .flush_failures = flush_failures_};
}

void Writer::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto has_work = [this] {
    return stopping_ || !accepts_.empty() || !tasks_.empty() || !background_.empty();
  };
  if (!running_.empty()) return;
  if (session_) {
    woken_.wait(lock, has_work);
  } else {
    woken_.wait_until(lock, reopen_at_, has_work);
  }
}

// When nobody else wants the writer, and now and then when somebody does.
void Writer::take_background() {
  if (background_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  const bool is_idle = accepting_.empty() && running_.empty();
  if (!is_idle && !stopping_ && now < background_due_) return;
  running_.push_back(background_.front());
  background_.pop_front();
  background_due_ = now + background_pause;
}

void Writer::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    wait_for_work(lock);
    if (stopping_ && accepts_.empty() && tasks_.empty() && running_.empty() &&
        background_.empty()) {
      ended_ = true;
      return;
    }
    std::swap(accepting_, accepts_);
    std::ranges::move(tasks_, std::back_inserter(running_));
    tasks_.clear();
    take_background();
    lock.unlock();
    if (session_ || reopen()) {
      if (!accepting_.empty() || !running_.empty()) commit_batch();
    } else {
      refuse_everything();
    }
    lock.lock();
  }
}

// Events first, then as many tasks as their share of the commit allows.
void Writer::try_batch(std::size_t& tasks_run) {
  session_->begin();
  run_accepts();
  const auto stop_at = std::chrono::steady_clock::now() + max_task_time;
  while (tasks_run < running_.size() && tasks_run < max_tasks) {
    running_[tasks_run++]->run(*session_);
    if (std::chrono::steady_clock::now() >= stop_at) break;
  }
  session_->commit();
}

void Writer::run_accepts() {
  for (AcceptBatch* batch : accepting_) {
    for (AcceptBatch::Entry& entry : batch->entries) {
      entry.result = session_->events().accept(*entry.event);
    }
  }
}

void Writer::commit_batch() {
  if (apart_ > 0) {
    commit_apart();
    return;
  }
  std::size_t tasks_run = 0;
  try {
    try_batch(tasks_run);
  } catch (const std::exception& error) {
    if (is_disk_failure(error)) {
      after_disk_failure(error);
      return;
    }
    session_->roll_back();
    log_.error("store", "transaction undone", {{"error", error.what()}});
    // At least one, or a batch that can't begin would be tried for ever.
    apart_ = std::min(std::max<std::size_t>(tasks_run, 1), running_.size());
    commit_apart();
    return;
  }
  committed();
  answer_accepts();
  for (; tasks_run > 0; --tasks_run) {
    WriteTask* task = running_.front();
    running_.pop_front();
    task->done(nullptr);
  }
  if (checkpoint_asked_.exchange(false)) checkpoint();
}

// Between two commits and after their answers. A reader in its way, or a failing disk, is left to
// the checkpointer's next pass.
void Writer::checkpoint() {
  try {
    session_->database().execute("pragma wal_checkpoint(passive)");
  } catch (const SqliteError& error) {
    log_.warning("store", "checkpoint put off", {{"error", error.what()}});
  }
}

void Writer::committed() {
  ++commits_;
  callbacks_.committed(session_->written(), session_->log_bytes());
}

void Writer::answer_accepts() {
  for (AcceptBatch* batch : std::exchange(accepting_, {})) batch->committed();
}

void Writer::after_disk_failure(const std::exception& error) {
  session_->roll_back();
  const auto& failure = dynamic_cast<const SqliteError&>(error);
  if (failure.is_full()) {
    log_.error("store", "disk full; nothing of this batch was kept", {{"error", error.what()}});
  } else {
    ++flush_failures_;
    writable_ = false;
    log_.error("store", "write failed; refusing writes until the file is verified",
               {{"error", error.what()}, {"code", failure.code()}});
    session_.reset();
  }
  refuse_everything();
}

// Something in a batch took the rest down with it. The events get a commit of their own, and so
// does one task; the other tasks of that batch follow in the next turns, behind the events that
// have arrived by then.
void Writer::commit_apart() {
  if (!accepting_.empty()) {
    const Fate events = commit_alone([this] { run_accepts(); }, "events refused");
    if (events == Fate::refused) return;
    if (events == Fate::undone) forget_results();
    answer_accepts();
  }
  if (apart_ == 0) return;
  WriteTask* task = running_.front();
  const Fate fate = commit_alone([&] { task->run(*session_); }, "a task failed alone");
  if (fate == Fate::refused) return;
  running_.pop_front();
  --apart_;
  if (fate == Fate::kept) {
    task->done(nullptr);
  } else {
    task->done(std::make_exception_ptr(WriteFailed("the store could not do it")));
  }
}

Writer::Fate Writer::commit_alone(const std::function<void()>& work, std::string_view failure) {
  try {
    session_->begin();
    work();
    session_->commit();
  } catch (const std::exception& error) {
    if (is_disk_failure(error)) {
      after_disk_failure(error);
      return Fate::refused;
    }
    session_->roll_back();
    log_.error("store", failure, {{"error", error.what()}});
    return Fate::undone;
  }
  committed();
  return Fate::kept;
}

void Writer::forget_results() {
  for (AcceptBatch* batch : accepting_) {
    for (AcceptBatch::Entry& entry : batch->entries) entry.result = {};
  }
}

void Writer::refuse_everything() {
  forget_results();
  answer_accepts();
  const auto why = unavailable("the store takes no writes now");
  apart_ = 0;
  for (WriteTask* task : std::exchange(running_, {})) task->done(why);
}

// A verified session, with every run that nobody executes any more queued again.
std::unique_ptr<WriteSession> Writer::open_session(RunRecords::After after) {
  auto session = std::make_unique<WriteSession>(file_, random_);
  session->begin();
  session->records().recover(after);
  if (after == RunRecords::After::process_death) abandon_uploads(session->database());
  session->commit();
  return session;
}

// Whether there is a verified session now. Between two tries everything is refused at once.
bool Writer::reopen() {
  if (std::chrono::steady_clock::now() < reopen_at_) return false;
  try {
    session_ = open_session(RunRecords::After::store_failure);
  } catch (const std::exception& error) {
    reopen_at_ = std::chrono::steady_clock::now() + reopen_pause;
    log_.error("store", "still refusing writes", {{"error", error.what()}});
    return false;
  }
  writable_ = true;
  log_.info("store", "verified; taking writes again");
  callbacks_.reopened();
  return true;
}

}  // namespace bellpull
