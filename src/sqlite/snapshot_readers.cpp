#include "sqlite/snapshot_readers.h"

#include <deque>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "sqlite/database.h"
#include "sqlite/index_reader.h"
#include "sqlite/transaction.h"
#include "sqlite/written.h"
#include "store/store.h"

namespace bellpull {

namespace {

class Snapshot {
 public:
  Snapshot(const std::filesystem::path& main_file, const std::filesystem::path& index_file)
      : main_(main_file, OpenMode::read),
        index_(index_file, main_),
        transaction_(main_, &index_, random_, written_) {
    main_.execute("pragma cache_size = -4000");
  }

  void run(ReadTask& task) {
    main_.execute("begin");
    try {
      task.run(transaction_);
    } catch (...) {
      main_.execute("rollback");
      throw;
    }
    main_.execute("commit");
  }

 private:
  Database main_;
  IndexReader index_;
  SystemRandom random_;
  Written written_;
  const SqliteTransaction transaction_;
};

}  // namespace

SnapshotReaders::SnapshotReaders(std::filesystem::path main_file, std::filesystem::path index_file,
                                 Log& log)
    : main_file_(std::move(main_file)), index_file_(std::move(index_file)), log_(log) {}

SnapshotReaders::~SnapshotReaders() { stop(); }

void SnapshotReaders::start() {
  stopping_ = false;
  for (const Lists lists : {Lists::left, Lists::taken}) {
    threads_.emplace_back([this, lists] { run(lists); });
  }
}

void SnapshotReaders::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  woken_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void SnapshotReaders::submit(ReadTask& task, ReadKind kind) {
  {
    const std::scoped_lock lock{mutex_};
    if (!stopping_) {
      (kind == ReadKind::list ? lists_ : look_ups_).push_back(&task);
      woken_.notify_all();  // the one that is notified might be the one that leaves lists
      return;
    }
  }
  task.done(std::make_exception_ptr(StoreUnavailable("the store has been stopped")));
}

// Under mutex_; null when there is nothing that this thread takes.
ReadTask* SnapshotReaders::next(Lists lists) {
  std::deque<ReadTask*>& from = lists == Lists::taken && !lists_.empty() ? lists_ : look_ups_;
  if (from.empty()) return nullptr;
  ReadTask* task = from.front();
  from.pop_front();
  return task;
}

void SnapshotReaders::run(Lists lists) {
  std::unique_ptr<Snapshot> snapshot;
  std::unique_lock lock{mutex_};
  for (;;) {
    ReadTask* task = nullptr;
    woken_.wait(lock, [&] { return (task = next(lists)) != nullptr || stopping_; });
    if (task == nullptr) return;
    lock.unlock();
    std::exception_ptr failure;
    try {
      if (!snapshot) snapshot = std::make_unique<Snapshot>(main_file_, index_file_);
      snapshot->run(*task);
    } catch (const SqliteError& error) {
      log_.error("store", "read failed", {{"error", error.what()}});
      snapshot.reset();
      failure = std::make_exception_ptr(StoreUnavailable("the store could not be read"));
    } catch (...) {
      failure = std::current_exception();
    }
    task->done(failure);
    lock.lock();
  }
}

}  // namespace bellpull
