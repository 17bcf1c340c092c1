// What bounds one run. Each bound that a run reaches ends it as `incomplete`, with the bound's word
// as the reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace bellpull {

struct RunLimits {
  // "timeout": of one attempt, from its start; the waits between attempts do not count.
  Duration wall_time = std::chrono::seconds{750};
  std::int64_t steps = 100;  // "steps": model calls of the run, over all attempts
  std::int64_t calls = 200;  // "calls": tool calls of the run, over all attempts
  std::int64_t tokens = 0;   // "tokens": in and out, over all attempts; 0: no bound
  std::int64_t nudges = 3;   // "unsettled": answers that neither call nor settle
  // How long a model or an action may overstay the deadline it was given before it is cut off.
  Duration overstay = std::chrono::seconds{15};

  // What earlier runs of the conversation may add to the context; whole runs, newest first.
  std::size_t history_bytes = 262'144;
  // What one tool result may add to the context; the journal keeps all of it.
  std::size_t result_bytes = 65'536;
  // Tools offered to a model; providers refuse more.
  std::size_t tools = 128;
};

}  // namespace bellpull
