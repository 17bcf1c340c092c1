#include "sqlite/checkpointer.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "sqlite/database.h"

namespace bellpull {

namespace {

// Below: not worth a flush of the main file.
constexpr std::int64_t small_log_bytes = 4LL << 20;
// Above: the log must start again from its beginning soon, or it would grow without end.
constexpr std::int64_t large_log_bytes = 32LL << 20;
constexpr std::chrono::milliseconds pause{50};

}  // namespace

Checkpointer::Checkpointer(std::filesystem::path file, std::function<void()> ask_writer, Log& log)
    : file_(std::move(file)), ask_writer_(std::move(ask_writer)), log_(log) {}

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

void Checkpointer::wake(std::int64_t log_bytes) {
  if (log_bytes <= small_log_bytes) return;
  {
    const std::scoped_lock lock{mutex_};
    log_bytes_ = log_bytes;
    if (pending_) return;
    pending_ = true;
  }
  woken_.notify_one();
}

void Checkpointer::copy_back(Database& database, std::int64_t log_bytes) {
  database.execute("pragma wal_checkpoint(passive)");
  if (log_bytes <= large_log_bytes) return;
  // The second pass finds what was written during the first: little is left to the writer.
  database.execute("pragma wal_checkpoint(passive)");
  ask_writer_();
}

void Checkpointer::run() {
  std::unique_ptr<Database> database;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_.wait(lock, [this] { return stopping_ || pending_; });
    if (stopping_) return;
    pending_ = false;
    const std::int64_t log_bytes = log_bytes_;
    lock.unlock();
    try {
      if (!database) {
        database = std::make_unique<Database>(file_, OpenMode::write);
        database->execute("pragma synchronous = full");
      }
      copy_back(*database, log_bytes);
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
