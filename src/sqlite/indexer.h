// Keeps the index file up with the main file, in the background.
//
// Invariant: everything up to the watermark is indexed, so the file can be removed and is built
// again. Falling behind costs list time, never correctness (index_reader.h).
// Threads: its own; wake() and stop() from any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.h"

namespace bellpull {

class Indexer {
 public:
  // Removes the notes of changed rows up to a number; called on the indexer's thread.
  using ForgetStale = std::function<void(std::int64_t last)>;

  Indexer(std::filesystem::path main_file, std::filesystem::path index_file,
          ForgetStale forget_stale, Log& log);
  ~Indexer();

  void start();
  void stop();
  // There may be rows to index.
  void wake();

 private:
  void run();

  const std::filesystem::path main_file_;
  const std::filesystem::path index_file_;
  const ForgetStale forget_stale_;
  Log& log_;
  std::thread thread_;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool pending_ = true;
  bool stopping_ = false;
};

}  // namespace bellpull
