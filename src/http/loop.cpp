#include "http/loop.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include "base/time.h"
#include "http/timer_wheel.h"

namespace bellpull {

Loop::Loop(const Clock& clock, Duration tick)
    : clock_(clock), tick_(tick), wheel_(clock.steady_now(), tick), ticker_(io) {}

void Loop::schedule(TimerWheel::Entry& entry, SteadyTime due) {
  wheel_.schedule(entry, due);
  if (!armed_) arm();
}

void Loop::arm() {
  armed_ = true;
  ticker_.expires_after(tick_);
  ticker_.async_wait([this](const boost::system::error_code& failure) {
    armed_ = false;
    if (failure) return;
    wheel_.advance(now());
    if (!wheel_.is_empty() && !armed_) arm();
  });
}

}  // namespace bellpull
