// Copies the write-ahead log back into the main file, on its own thread and connection, so that no
// commit waits for it.
//
// Under constant load it never quite catches up, and the log could never start again from its
// beginning. Once the log is large, the writer is asked to copy the little that is left between two
// commits; the next commit then starts the log anew.
//
// Threads: its own; wake() and stop() from any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "sqlite/database.h"

namespace bellpull {

class Checkpointer {
 public:
  Checkpointer(std::filesystem::path file, std::function<void()> ask_writer, Log& log);
  ~Checkpointer();

  void start();
  void stop();
  // After a commit: so many bytes of the log are in use (its file may be larger).
  void wake(std::int64_t log_bytes);

 private:
  void run();

  void copy_back(Database& database, std::int64_t log_bytes);

  const std::filesystem::path file_;
  const std::function<void()> ask_writer_;
  Log& log_;
  std::thread thread_;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::condition_variable woken_;
  std::int64_t log_bytes_ = 0;
  bool pending_ = false;
  bool stopping_ = false;
};

}  // namespace bellpull
