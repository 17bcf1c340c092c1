#include "action/outcome.h"

#include <optional>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>

#include "action/action.h"
#include "domain/transcript.h"
#include "egress/http_call.h"

namespace bellpull {

ActionOutcome error_outcome(std::string_view message) {
  boost::json::object result;
  result["error"] = message;
  return {.result = std::move(result), .is_error = true};
}

// Also of one that was answered with a redirect to where nothing may go: it had arrived by then.
std::optional<ActionOutcome> unknown_outcome(const HttpFailure& failure) {
  if (!failure.was_sent) return std::nullopt;
  boost::json::object result = unknown_result("The request was sent, but " + failure.message);
  result["cause"] = to_string(failure.cause);
  return ActionOutcome{.result = std::move(result), .is_error = true, .outcome_unknown = true};
}

}  // namespace bellpull
