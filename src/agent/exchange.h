// One answer of the model and what came of it: the unit in which a run goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/run.h"
#include "llm/provider.h"

namespace bellpull {

struct ExchangeCall {
  ToolCall call;
  std::int64_t intent = 0;  // number of its intent step; 0: not begun
  std::string key;          // the call's idempotency key, as the intent recorded it
  TimePoint intended_at;    // when the intent was recorded
  // It waits for that time, or for something before; it is open and is made again then.
  std::optional<TimePoint> waits_until;
  bool idempotent = false;  // what was intended may be done twice, as the intent recorded it
  bool started = false;     // it may have been made, by this attempt or by an earlier one
  bool done = false;        // it has a result
  bool is_error = false;
  std::string result;  // what the model is told; see result_text()
  // The call ended the run: an ability may do so, too.
  std::optional<RunState> settles;
  std::string reason;
};

struct Exchange {
  std::string text;
  std::string verbatim;  // the provider's own message; see Turn::verbatim
  StopReason stop = StopReason::done;
  std::vector<ExchangeCall> calls;
  std::string nudge;  // what the runtime told the model after it; may be empty
};

Exchange exchange_of(ModelAnswer answer);

// The earliest time that a call waits for; nothing when none does.
std::optional<TimePoint> waits_until(const Exchange& exchange);

// The call that ended the run as failed, while all that are open only wait: a run that a person has
// stopped is not held by a timer or by another question. Null when there is none.
const ExchangeCall* failed_while_others_wait(const Exchange& exchange);

// Calls that were begun and have no result.
bool has_open_calls(const Exchange& exchange);

}  // namespace bellpull
