// Threads that read snapshots of the main file, one connection each.
//
// Invariant: a connection is in a transaction only while work runs, so that the log file can be
// copied back. Threads: submit from any; work runs and is answered on a reader's thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/random.h"
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

  void start(std::size_t threads);
  // Answers what was submitted, then ends the threads.
  void stop();
  void submit(ReadTask& task);

 private:
  void run();

  const std::filesystem::path main_file_;
  const std::filesystem::path index_file_;
  Log& log_;
  std::vector<std::thread> threads_;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<ReadTask*> tasks_;
  bool stopping_ = true;  // from stop() to start(): what is submitted is refused
};

}  // namespace bellpull
