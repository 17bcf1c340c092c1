// What the connections of one IO thread share: its io_context and what would be wasteful to have
// once for each of them.
//
// Threads: the IO thread's, but for `io` where Asio allows more.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "base/time.h"
#include "http/http_date.h"
#include "http/timer_wheel.h"

namespace bellpull {

// A connection that waits for its next request and may be closed without anybody missing it.
class IdleConnection : public boost::intrusive::list_base_hook<
                           boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual void close_idle() = 0;

 protected:
  ~IdleConnection() = default;
};

class Loop {
 public:
  Loop(const Clock& clock, Duration tick);

  // Looks at the deadlines every tick while there are any; an idle server does not wake.
  void schedule(TimerWheel::Entry& entry, SteadyTime due);
  void unschedule(TimerWheel::Entry& entry) { wheel_.remove(entry); }

  SteadyTime now() const { return clock_.steady_now(); }
  std::string_view date() { return date_.at(clock_.now()); }

  // One thread runs it; the hint spares Asio what more would need.
  boost::asio::io_context io{1};
  // The one that has waited longest comes first.
  boost::intrusive::list<IdleConnection, boost::intrusive::constant_time_size<false>> idle;
  // For bytes that nobody will look at.
  std::array<char, std::size_t{64} * 1024> scratch{};
  bool stopping = false;

 private:
  void arm();

  const Clock& clock_;
  const Duration tick_;

  TimerWheel wheel_;
  boost::asio::steady_timer ticker_;
  bool armed_ = false;
  HttpDate date_;
};

}  // namespace bellpull
