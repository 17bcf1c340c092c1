#include "sqlite/checkpointer.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"
#include "sqlite/database.h"

namespace bellpull {

namespace {

// Below: not worth a flush of the main file.
constexpr std::uintmax_t small_log_bytes = 4ULL << 20;
// Above: the writer is made to wait for the moment at which the log can start again from its
// beginning, or it would grow without end.
constexpr std::uintmax_t large_log_bytes = 32ULL << 20;
constexpr std::chrono::milliseconds pause{50};

}  // namespace

Checkpointer::Checkpointer(std::filesystem::path file, Log& log)
    : file_(std::move(file)), log_(log) {}

Checkpointer::~Checkpointer() { stop(); }

void Checkpointer::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Checkpointer::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::wake() {
  {
    const std::scoped_lock lock{mutex_};
    if (pending_) return;
    pending_ = true;
  }
  woken_.notify_one();
}

void Checkpointer::run() {
  std::filesystem::path log_file = file_;
  log_file += "-wal";
  std::unique_ptr<Database> database;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_.wait(lock, [this] { return stopping_ || pending_; });
    if (stopping_) return;
    pending_ = false;
    lock.unlock();
    std::error_code absent;
    const std::uintmax_t bytes = std::filesystem::file_size(log_file, absent);
    try {
      if (!absent && bytes > small_log_bytes) {
        if (!database) {
          database = std::make_unique<Database>(file_, OpenMode::write);
          database->execute("pragma synchronous = full");
        }
        database->execute(bytes > large_log_bytes ? "pragma wal_checkpoint(restart)"
                                                  : "pragma wal_checkpoint(passive)");
      }
    } catch (const std::exception& error) {
      // The log keeps everything until a later checkpoint works.
      log_.error("store", "checkpoint failed", {{"error", error.what()}});
      database.reset();
    }
    lock.lock();
    if (!stopping_) woken_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

}  // namespace bellpull
