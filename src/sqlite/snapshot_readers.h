// Two threads that read snapshots of the main file, one connection each.
//
// One is for look-ups only, so that they never wait behind lists; the other prefers lists, and
// helps when there are none.
//
// Invariant: a connection is in a transaction only while work runs, so that the log file can be
// copied back. Threads: submit from any; work runs and is answered on a reader's thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class ReadTask {
 public:
  virtual ~ReadTask() = default;
  virtual void run(const Transaction& snapshot) = 0;
  virtual void done(std::exception_ptr failure) = 0;
};

class SnapshotReaders {
 public:
  SnapshotReaders(std::filesystem::path main_file, std::filesystem::path index_file, Log& log);
  ~SnapshotReaders();

  void start();
  // Answers what was submitted, then ends the threads.
  void stop();
  void submit(ReadTask& task, ReadKind kind);

 private:
  // `lists`: whether this thread takes them.
  enum class Lists : std::uint8_t { taken, left };
  void run(Lists lists);
  ReadTask* next(Lists lists);

  const std::filesystem::path main_file_;
  const std::filesystem::path index_file_;
  Log& log_;
  std::vector<std::thread> threads_;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<ReadTask*> look_ups_;
  std::deque<ReadTask*> lists_;
  bool stopping_ = true;  // from stop() to start(): what is submitted is refused
};

}  // namespace bellpull
