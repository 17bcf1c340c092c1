// Lets one coroutine through at a time, so that several that find a server unopened open it once.
//
// Lifetime: outlives whoever waits. Threads: the executor's only.
#pragma once

#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"

namespace bellpull {

class Gate {
 public:
  // Held while inside; leaving the scope lets the next one in.
  class Pass {
   public:
    Pass() = default;
    explicit Pass(Gate& gate) : gate_(&gate) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    Gate* gate_ = nullptr;
  };

  explicit Gate(const boost::asio::any_io_executor& executor)
      : free_(executor, boost::asio::steady_timer::time_point::max()) {}

  Task<Pass> enter() {
    while (is_taken_) {
      boost::system::error_code woken;
      co_await free_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    }
    is_taken_ = true;
    co_return Pass(*this);
  }

 private:
  void leave() {
    is_taken_ = false;
    free_.cancel();
  }

  bool is_taken_ = false;
  boost::asio::steady_timer free_;  // never expires; cancelled when the gate is free
};

}  // namespace bellpull
