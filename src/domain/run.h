// The one execution that an event causes, through all its attempts (product.md 3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// The first four are pending: they hold back the next event of their session. Stored as numbers.
enum class RunState : std::uint8_t {
  queued = 0,
  running = 1,
  waiting = 2,   // a durable timer, or an approval
  retrying = 3,  // between attempts
  succeeded = 4,
  failed = 5,      // the bot said so, or an approval was refused
  incomplete = 6,  // a bound was reached; `reason` names it
  canceled = 7,
  dead = 8,  // Bellpull could not finish it
};

inline bool is_pending(RunState state) { return state <= RunState::retrying; }
// In the order of RunState.
inline constexpr std::array<std::string_view, 9> run_state_names{
    "queued", "running",    "waiting",  "retrying", "succeeded",
    "failed", "incomplete", "canceled", "dead"};
std::string_view run_state_name(RunState state);
std::optional<RunState> parse_run_state(std::string_view name);

// One worker's right to a run until a time. Numbers only grow, so a lease that was replaced never
// matches again.
struct Lease {
  RunId run;
  std::int64_t number = 0;
  TimePoint expires_at;
};

struct Run {
  RunId id;
  AccountKey account;
  TriggerKey trigger;
  std::int64_t session = 0;  // session_number(), 0 for none
  RunState state = RunState::queued;
  std::int64_t attempt = 0;  // the one that runs, or ran last; 0 before the first
  std::int64_t lease_number = 0;
  std::optional<TimePoint> due_at;  // retrying, waiting: not before
  std::optional<ConversationId> conversation;
  std::int64_t first_message = 0;       // number of its first message there; 0 before it has one
  std::optional<TimePoint> started_at;  // of the first attempt
  std::optional<TimePoint> ended_at;
  std::string reason;         // why it ended so: one word, or the bot's words
  std::string error_message;  // of the last attempt that failed, in full
  std::int64_t steps = 0;
  std::int64_t model_calls = 0;
  std::int64_t action_calls = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cost = 0;            // of the model calls that had a price (domain/usage.h)
  std::int64_t unpriced_calls = 0;  // model calls that had none
  std::int64_t unknown_calls = 0;   // action calls whose outcome nobody knew
  std::int64_t resolved_calls = 0;  // of those, the ones that a person has looked into since
};

}  // namespace bellpull
