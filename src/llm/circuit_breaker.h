// Keeps requests from a connection that fails again and again, so that nobody waits for it; now and
// then one request tries whether it answers again.
//
// Threads: the executor's only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "llm/provider.h"

namespace bellpull {

// How a connection has been doing.
struct ConnectionHealth {
  std::uint64_t failures_in_a_row = 0;
  std::string last_failure;  // redacted
  bool is_open = false;      // no request is sent
};

class CircuitBreaker {
 public:
  // Opens after so many failures in a row; 0: never.
  CircuitBreaker(const Clock& clock, std::uint64_t most_failures)
      : clock_(clock), most_failures_(most_failures) {}

  // How long no request is sent; nothing when one may be, whose end is then told. `may_try`: it has
  // the time to find out whether the server answers again.
  std::optional<Duration> refusal(bool may_try = true);
  void note_answer();
  // What the server refused for the request's own sake says that it is well.
  void note_failure(const Failure& failure);

  const ConnectionHealth& health() const { return health_; }

 private:
  const Clock& clock_;
  const std::uint64_t most_failures_;
  ConnectionHealth health_;
  SteadyTime open_until_;
  bool is_trying_ = false;  // one request is on its way while the others are still refused
};

}  // namespace bellpull
