// How a run ends: by the model's word, or by a bound.
//
// A model settles by calling `_success` or `_failure`, alone or beside other calls of the same
// answer; those are made first. When one of them fails, a `_success` beside it was given without
// knowing that, so it does not count: the model sees the results and settles again. `_failure`
// always counts, and before `_success`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/exchange.h"
#include "agent/run_limits.h"
#include "domain/run.h"
#include "llm/provider.h"

namespace bellpull {

inline constexpr std::string_view success_function = "_success";
inline constexpr std::string_view failure_function = "_failure";

inline bool is_settling(std::string_view function) {
  return function == success_function || function == failure_function;
}

// The two functions as they are offered to every model.
const std::array<ToolDefinition, 2>& settling_functions();

struct Ending {
  RunState state = RunState::succeeded;
  std::string reason;  // a word, or the model's own words
  std::string error_message;
};

// What the model decided in an exchange whose other calls are done; nothing when it did not settle,
// or when its `_success` does not count. A model that refuses ends the run: asking again does not
// help.
std::optional<Ending> settlement_of(const Exchange& exchange);

// What the model is told about a settling call that does not count.
std::string_view refused_settlement();

// What the run has used, over all attempts.
struct RunSpent {
  std::int64_t model_calls = 0;
  std::int64_t action_calls = 0;
  std::int64_t tokens = 0;
  std::int64_t nudges = 0;
};

// The run's time is over.
Ending timed_out();
// An answer asks for more calls than the run may still make.
Ending too_many_calls();
// The attempt that begins is one too many: attempts that a crash ends leave no failure behind, and
// this stops a run that causes the crashes.
Ending attempts_used_up();

// The bound that forbids another model call, as an ending.
std::optional<Ending> bound_reached(const RunLimits& limits, const RunSpent& spent);

// What to tell a model whose answer neither calls nor settles.
std::string nudge_after(const Exchange& exchange);

}  // namespace bellpull
