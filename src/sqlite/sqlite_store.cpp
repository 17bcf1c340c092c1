#include "sqlite/sqlite_store.h"

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/checkpointer.h"
#include "sqlite/data_directory.h"
#include "sqlite/database.h"
#include "sqlite/expired_keys.h"
#include "sqlite/indexer.h"
#include "sqlite/jobs.h"
#include "sqlite/migrations.h"
#include "sqlite/run_records.h"
#include "sqlite/snapshot_readers.h"
#include "sqlite/write_session.h"
#include "sqlite/writer.h"
#include "sqlite/written.h"
#include "store/accept.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// The waiting side of a task: resumes its coroutine on the coroutine's own executor.
class Answer {
 public:
  template <class Handler>
  void expect(Handler handler) {
    resume_ = [handler = std::move(handler)](std::exception_ptr failure) mutable {
      const auto executor = asio::get_associated_executor(handler);
      asio::post(executor, [handler = std::move(handler), failure = std::move(failure)]() mutable {
        std::move(handler)(std::move(failure));
      });
    };
  }

  // The task is gone as soon as the coroutine runs, so nothing of it is used afterwards.
  void give(std::exception_ptr failure) { std::exchange(resume_, {})(std::move(failure)); }

 private:
  std::move_only_function<void(std::exception_ptr)> resume_;
};

// One record of a worker: `Operation` is a member of RunRecords.
template <class Input, class Output>
class RecordTask final : public WriteTask {
 public:
  using Operation = Result<Output> (RunRecords::*)(const Input&);
  RecordTask(Operation operation, const Input& input) : operation_(operation), input_(input) {}

  void run(WriteSession& session) override { result_ = (session.records().*operation_)(input_); }
  void done(std::exception_ptr failure) override { answer_.give(std::move(failure)); }

  Answer answer_;
  Result<Output> result_;  // once it has run

 private:
  const Operation operation_;
  const Input& input_;
};

class TransactTask final : public WriteTask {
 public:
  explicit TransactTask(const std::function<bool(Transaction&)>& work) : work_(work) {}

  void run(WriteSession& session) override {
    failure_ = nullptr;
    try {
      session.run_undoably(work_);
    } catch (const SqliteError&) {
      throw;  // the writer decides what it means for the batch
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  void done(std::exception_ptr failure) override {
    answer_.give(failure ? std::move(failure) : std::move(failure_));
  }

  Answer answer_;

 private:
  const std::function<bool(Transaction&)>& work_;
  std::exception_ptr failure_;
};

class SnapshotTask final : public ReadTask {
 public:
  explicit SnapshotTask(const std::function<void(const Transaction&)>& work) : work_(work) {}

  void run(const Transaction& snapshot) override { work_(snapshot); }
  void done(std::exception_ptr failure) override { answer_.give(std::move(failure)); }

  Answer answer_;

 private:
  const std::function<void(const Transaction&)>& work_;
};

// Submits `task` to `lane` and waits for its answer, which cancellation does not cut short.
template <class Lane, class TaskType, class... How>
Task<void> submit_and_wait(Lane* lane, TaskType* task, How... how) {
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      [&](auto handler) {
        task->answer_.expect(std::move(handler));
        lane->submit(*task, how...);
      },
      asio::use_awaitable);
}

void prepare_index(const std::filesystem::path& file) {
  Database index{file, OpenMode::create};
  index.execute("pragma journal_mode = wal");
  migrate(index, index_migrations());
}

// The index file can be built again from the main one, so a broken one is removed.
void open_index(const std::filesystem::path& file, Log& log) {
  try {
    prepare_index(file);
  } catch (const SqliteError& error) {
    log.warning("index", "rebuilding", {{"error", error.what()}});
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(file.string() + suffix);
    }
    prepare_index(file);
  }
}

}  // namespace

class SqliteStore::Parts {
 public:
  Parts(const std::filesystem::path& folder, Random& random, const Clock& clock, Log& log)
      : main_file_(folder / main_file_name),
        index_file_(folder / index_file_name),
        log_(log),
        writer_(main_file_, random,
                {.committed = [this](const Written& written,
                                     std::int64_t log_bytes) { committed(written, log_bytes); },
                 .reopened = [this] { reopened(); }},
                log),
        readers_(main_file_, index_file_, log),
        checkpointer_(
            main_file_, [this] { writer_.ask_for_checkpoint(); }, log),
        indexer_(
            main_file_, index_file_, [this](std::int64_t last) { forget_stale_.forget(last); },
            log),
        jobs_(writer_, clock, log),
        expired_keys_(writer_, clock, log),
        forget_stale_(writer_, jobs_) {}

  // The writer must not outlive what it answers to.
  ~Parts() { stop(); }

  void start() {
    writer_.start();
    open_index(index_file_, log_);
    readers_.start();
    checkpointer_.start();
    indexer_.start();
    wake_jobs_.run_on(writer_, jobs_);
  }

  // Readers first: their work may be waited for by something that writes next.
  void stop() {
    jobs_.stop();
    expired_keys_.stop();
    readers_.stop();
    indexer_.stop();
    writer_.stop();
    checkpointer_.stop();
  }

  Writer& writer() { return writer_; }
  SnapshotReaders& readers() { return readers_; }
  void listen(StoreListener& listener) { listeners_.push_back(&listener); }

  StoreHealth health() const {
    StoreHealth health = writer_.health();
    std::error_code absent;
    std::filesystem::path log_file = main_file_;
    log_file += "-wal";
    const auto bytes = std::filesystem::file_size(log_file, absent);
    if (!absent) health.wal_bytes = static_cast<std::int64_t>(bytes);
    return health;
  }

 private:
  // Starts the jobs of an earlier process, on the writer's thread.
  class WakeJobsTask final : public WriteTask {
   public:
    void run_on(Writer& writer, Jobs& jobs) {
      jobs_ = &jobs;
      writer.submit(*this);
    }
    void run(WriteSession& /*session*/) override {}
    void done(std::exception_ptr /*failure*/) override { jobs_->wake(); }

   private:
    Jobs* jobs_ = nullptr;
  };

  // The indexer's one write to the main file.
  class ForgetStaleTask final : public WriteTask {
   public:
    ForgetStaleTask(Writer& writer, Jobs& jobs) : writer_(writer), jobs_(jobs) {}
    void forget(std::int64_t last) {
      last_ = last;
      if (!submitted_.exchange(true)) writer_.submit(*this);
    }
    void run(WriteSession& session) override {
      Statement{session.database(), "delete from stale where id <= ?1"}.with(last_.load()).run();
    }
    void done(std::exception_ptr /*failure*/) override {
      submitted_ = false;
      jobs_.index_followed();
    }

   private:
    Writer& writer_;
    Jobs& jobs_;
    std::atomic<std::int64_t> last_ = 0;
    std::atomic<bool> submitted_ = false;
  };

  void committed(const Written& written, std::int64_t log_bytes) {
    for (StoreListener* listener : listeners_) {
      if (!written.runs.empty()) listener->runs_changed(written.runs);
      for (const TriggerKey trigger : written.triggers) listener->trigger_changed(trigger);
      for (const auto& [trigger, state] : written.trigger_states) {
        listener->trigger_state_changed(trigger, state);
      }
      if (!written.next_times.empty()) listener->next_times_changed(written.next_times);
      for (const AccountKey account : written.accounts) listener->account_changed(account);
      for (const AccountKey account : written.configurations) {
        listener->configuration_changed(account);
      }
      if (written.imports) listener->attachments_changed();
      for (const AccountKey account : written.logged) listener->log_grew(account);
    }
    if (written.jobs) jobs_.wake();
    jobs_.committed();
    expired_keys_.committed();
    if (written.indexable || !written.logged.empty() || !written.runs.empty()) indexer_.wake();
    checkpointer_.wake(log_bytes);
  }

  void reopened() {
    for (StoreListener* listener : listeners_) listener->reopened();
    jobs_.wake();
  }

  const std::filesystem::path main_file_;
  const std::filesystem::path index_file_;
  Log& log_;
  std::vector<StoreListener*> listeners_;
  Writer writer_;
  SnapshotReaders readers_;
  Checkpointer checkpointer_;
  Indexer indexer_;
  Jobs jobs_;
  ExpiredKeys expired_keys_;
  WakeJobsTask wake_jobs_;
  ForgetStaleTask forget_stale_;
};

SqliteStore::SqliteStore(const std::filesystem::path& folder, Random& random, const Clock& clock,
                         Log& log)
    : clock_(clock), parts_(std::make_unique<Parts>(folder, random, clock, log)) {}

SqliteStore::~SqliteStore() = default;

void SqliteStore::listen(StoreListener& listener) { parts_->listen(listener); }
void SqliteStore::start() { parts_->start(); }
void SqliteStore::stop() { parts_->stop(); }
StoreHealth SqliteStore::health() const { return parts_->health(); }
void SqliteStore::accept(AcceptBatch& batch) { parts_->writer().submit(batch); }

Task<Result<ClaimedRun>> SqliteStore::claim(Claim claim) {
  RecordTask<Claim, ClaimedRun> task{&RunRecords::claim, claim};
  co_await submit_and_wait(&parts_->writer(), &task);
  co_return std::move(task.result_);
}

Task<Result<OpenedRun>> SqliteStore::open(OpenRun open) {
  RecordTask<OpenRun, OpenedRun> task{&RunRecords::open, open};
  co_await submit_and_wait(&parts_->writer(), &task);
  co_return std::move(task.result_);
}

Task<Result<void>> SqliteStore::append_steps(AppendSteps append) {
  RecordTask<AppendSteps, void> task{&RunRecords::append_steps, append};
  co_await submit_and_wait(&parts_->writer(), &task);
  co_return std::move(task.result_);
}

Task<Result<void>> SqliteStore::finish(FinishRun finish) {
  RecordTask<FinishRun, void> task{&RunRecords::finish, finish};
  co_await submit_and_wait(&parts_->writer(), &task);
  co_return std::move(task.result_);
}

Task<Result<void>> SqliteStore::renew(RenewLease renew) {
  RecordTask<RenewLease, void> task{&RunRecords::renew, renew};
  co_await submit_and_wait(&parts_->writer(), &task);
  co_return std::move(task.result_);
}

Task<void> SqliteStore::write(std::function<bool(Transaction&)> work) {
  TransactTask task{work};
  co_await submit_and_wait(&parts_->writer(), &task);
}

Task<void> SqliteStore::read_snapshot(std::function<void(const Transaction&)> work, ReadKind kind) {
  SnapshotTask task{work};
  co_await submit_and_wait(&parts_->readers(), &task, kind);
}

}  // namespace bellpull
