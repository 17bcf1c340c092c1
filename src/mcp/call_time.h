// How long one request may take: a limit that each sign of progress begins anew, up to a last end.
#pragma once

#include <algorithm>

#include "base/time.h"
#include "mcp/server_settings.h"

namespace bellpull {

class CallTime {
 public:
  CallTime(SteadyTime now, const McpLimits& limits, SteadyTime callers)
      : step_(limits.call), last_(std::min(now + limits.longest_call, callers)) {
    extend(now);
  }

  void extend(SteadyTime now) { end_ = std::min(now + step_, last_); }
  SteadyTime end() const { return end_; }
  SteadyTime last() const { return last_; }

 private:
  const Duration step_;
  const SteadyTime last_;
  SteadyTime end_;
};

}  // namespace bellpull
