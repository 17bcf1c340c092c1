// Copies the write-ahead log back into the main file, on its own thread and connection, so that no
// commit waits for it.
//
// Threads: its own; wake() and stop() from any.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/log.h"

namespace bellpull {

class Checkpointer {
 public:
  Checkpointer(std::filesystem::path file, Log& log);
  ~Checkpointer();

  void start();
  void stop();
  // Looks at the log file's size; cheap enough to call after every commit.
  void wake();

 private:
  void run();

  const std::filesystem::path file_;
  Log& log_;
  std::thread thread_;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool pending_ = false;
  bool stopping_ = false;
};

}  // namespace bellpull
