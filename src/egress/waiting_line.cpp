#include "egress/waiting_line.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"

namespace bellpull {

namespace asio = boost::asio;

WaitingLine::Place::~Place() {
  line_.waiting_.remove(this);
  if (!is_taken_) return;
  if (line_.waiting_.empty()) {
    ++line_.free_;
    return;
  }
  Place& next = *line_.waiting_.front();
  line_.waiting_.pop_front();
  next.is_taken_ = true;
  next.waiting_->cancel();
}

Task<bool> WaitingLine::Place::taken(Duration time_left) {
  if (line_.free_ > 0) {
    --line_.free_;
    is_taken_ = true;
    co_return true;
  }
  asio::steady_timer timer(co_await asio::this_coro::executor, time_left);
  waiting_ = &timer;
  line_.waiting_.push_back(this);
  boost::system::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  line_.waiting_.remove(this);
  co_return is_taken_;
}

}  // namespace bellpull
