#include "schedule/clock_watch.h"

#include <cerrno>
#include <cstdint>
#include <functional>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr std::int64_t year_2200 = 7'258'118'400;

}  // namespace

ClockWatch::ClockWatch(const asio::any_io_executor& executor, std::function<void()> on_set)
    : on_set_(std::move(on_set)), timer_(executor) {}

bool ClockWatch::start() {
  const int timer = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer < 0) return false;
  timer_.assign(timer);
  arm();
  wait();
  return true;
}

void ClockWatch::stop() {
  boost::system::error_code ignored;
  timer_.close(ignored);
}

// For a time that never comes: only a clock that is set ends the wait.
void ClockWatch::arm() {
  itimerspec never{};
  never.it_value.tv_sec = year_2200;
  ::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never,
                    nullptr);
}

void ClockWatch::wait() {
  timer_.async_wait(
      asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code ended) {
        if (ended) return;
        std::uint64_t expirations = 0;
        const bool was_set = ::read(timer_.native_handle(), &expirations, sizeof expirations) < 0 &&
                             errno == ECANCELED;
        arm();
        if (was_set) on_set_();
        if (timer_.is_open()) wait();
      });
}

}  // namespace bellpull
