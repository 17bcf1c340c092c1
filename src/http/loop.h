// What the connections of one IO thread share: its io_context and what would be wasteful to have
// once for each of them.
//
// Threads: the IO thread's, but for `io` where Asio allows more.
#pragma once

#include <array>
#include <cstddef>
#include <string>
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

  // One thread runs it and uses its sockets and timers; others only post. The hint spares Asio the
  // locks that more would need.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  // The one that has waited longest comes first.
  boost::intrusive::list<IdleConnection, boost::intrusive::constant_time_size<false>> idle;
  // For bytes that nobody will look at.
  std::array<char, std::size_t{64} * 1024> scratch{};
  // A reply that is being put together. The kernel takes nearly every one at once, so it is the
  // same warm memory for all connections.
  std::string reply;
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
