// Coroutines of the server: Task<T>, and the group that owns the running ones.
//
// A Task is lazy and runs on the executor that awaits it. Nothing runs unowned: what is not awaited
// is started in a TaskGroup.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

namespace bellpull {

template <class T>
using Task = boost::asio::awaitable<T>;

// The running tasks of one owner, all on one executor. The owner calls stop() and awaits join()
// before it is destroyed.
//
// Invariant: a task that threw is reported to `on_failure` and leaves the group like any other.
// Threads: the executor's only; the executor must not run handlers in parallel.
class TaskGroup {
 public:
  using OnFailure = std::function<void(std::exception_ptr)>;

  TaskGroup(boost::asio::any_io_executor executor, OnFailure on_failure);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task`; after stop() it is dropped unstarted.
  void start(Task<void> task);
  // Cancels every running task (terminal) and refuses new ones.
  void stop();
  // Returns when no task is left.
  Task<void> join();

  std::size_t size() const;
  bool stopping() const;

 private:
  struct Member;

  const boost::asio::any_io_executor executor_;
  const OnFailure on_failure_;

  // The executor's:
  Member* members_ = nullptr;
  std::size_t size_ = 0;
  bool stopping_ = false;
  boost::asio::steady_timer empty_;
};

}  // namespace bellpull
