// Tells when somebody set the wall clock, or the machine was suspended: a timer that waits for a
// duration then waits for the wrong one.
//
// By Linux' cancelled timers (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). Where there are none it
// tells nothing, so whoever waits for long looks at the clock from time to time all the same.
//
// Lifetime: stop() before the executor ends. Threads: the executor's only.
#pragma once

#include <functional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace bellpull {

class ClockWatch {
 public:
  ClockWatch(const boost::asio::any_io_executor& executor, std::function<void()> on_set);

  // False where the kernel tells nothing.
  bool start();
  void stop();

 private:
  void arm();
  void wait();

  const std::function<void()> on_set_;
  boost::asio::posix::stream_descriptor timer_;
};

}  // namespace bellpull
