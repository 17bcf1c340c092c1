// The one thread that writes the main file: group commits over two lanes.
//
// Each turn takes every event that arrived during the last flush (first lane) and a bounded amount
// of records and management work (second lane), commits them together, tells the listeners, and
// only then answers. There is no timer: a batch is what arrived meanwhile.
//
// After a failure to write or flush, everything submitted is refused until the file has been
// reopened and verified (product.md, P1); a full disk refuses one batch and tries the next.
//
// Threads: submit from any; tasks run and are answered on the writer's thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "sqlite/run_records.h"
#include "sqlite/write_session.h"
#include "store/accept.h"
#include "store/store.h"

namespace bellpull {

// Work for the second lane. It lives until done() was called, which may destroy it.
class WriteTask {
 public:
  virtual ~WriteTask() = default;
  // May run again in another transaction when the first one had to be undone.
  virtual void run(WriteSession& session) = 0;
  // After the flush; with an exception when nothing is known to be kept.
  virtual void done(std::exception_ptr failure) = 0;
};

class Writer {
 public:
  struct Callbacks {
    // After each commit, before the answers.
    std::function<void(const Written&, std::int64_t log_bytes)> committed;
    // After the file has been reopened and verified.
    std::function<void()> reopened;
  };

  Writer(std::filesystem::path file, Random& random, Callbacks callbacks, Log& log);
  ~Writer();

  // Opens the file and queues again what was running; throws when that fails.
  void start();
  // Answers what was submitted, then ends the thread.
  void stop();

  void submit(AcceptBatch& batch);
  void submit(WriteTask& task);
  // For work that can wait: run when nothing else does, and every 2 ms at most when something does.
  // One task at a time, in the order of submission.
  void submit_background(WriteTask& task);
  // Copies the rest of the log back after the next commit (checkpointer.h).
  void ask_for_checkpoint() { checkpoint_asked_ = true; }

  StoreHealth health() const;

 private:
  void run();
  void commit_batch();
  void try_batch(std::size_t& tasks_run);
  void run_accepts();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void take_background();
  // The disk failed, or is full: everything is refused.
  void after_disk_failure(const std::exception& error);
  // What became of work in a commit of its own; `refused`, with everything else, when the disk
  // failed.
  enum class Fate : std::uint8_t { kept, undone, refused };
  Fate commit_alone(const std::function<void()>& work, std::string_view failure);
  void commit_apart();
  void checkpoint();
  void committed();
  void answer_accepts();
  void forget_results();
  void refuse_everything();
  bool reopen();
  std::unique_ptr<WriteSession> open_session(RunRecords::After after);

  const std::filesystem::path file_;
  Random& random_;
  const Callbacks callbacks_;
  Log& log_;
  std::thread thread_;

  // The writer's thread:
  std::unique_ptr<WriteSession> session_;
  std::vector<AcceptBatch*> accepting_;
  std::deque<WriteTask*> running_;
  std::size_t apart_ = 0;  // of running_, from the front: these are committed one by one
  std::chrono::steady_clock::time_point reopen_at_;
  std::chrono::steady_clock::time_point background_due_;

  std::atomic<bool> checkpoint_asked_ = false;
  std::atomic<bool> writable_ = true;
  std::atomic<std::int64_t> commits_ = 0;
  std::atomic<std::int64_t> flush_failures_ = 0;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<AcceptBatch*> accepts_;
  std::deque<WriteTask*> tasks_;
  std::deque<WriteTask*> background_;
  bool stopping_ = false;
  bool ended_ = true;  // nobody is there to answer: what is submitted is refused
};

}  // namespace bellpull
