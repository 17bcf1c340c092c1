#include "action/wait.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/action.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "base/duration.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"

namespace bellpull {

namespace {

constexpr Duration longest_wait = std::chrono::days{30};

Result<TimePoint> end_of(const ActionRequest& request) {
  InputFields fields{request.input};
  const std::string duration = fields.text("duration");
  const std::string until = fields.text("until");
  if (duration.empty() == until.empty()) {
    return fail(ErrorCode::invalid, "Give either a duration, such as 30 minutes, or until, a date");
  }
  std::optional<TimePoint> end;
  if (!duration.empty()) {
    const auto parsed = parse_duration(duration);
    if (!parsed) {
      return fail(ErrorCode::invalid, "duration must be a time such as 30s, 5m, 2h or 7d");
    }
    end = request.intended_at + *parsed;
  } else {
    end = parse_iso(until);
    if (!end) return fail(ErrorCode::invalid, "until must be a date such as 2026-01-31T09:30:00Z");
  }
  if (*end > request.intended_at + longest_wait) {
    return fail(ErrorCode::invalid, "a run waits for 30 days at most");
  }
  return *end;
}

}  // namespace

const ActionShape& WaitAction::shape() const {
  static const ActionShape shape{.main = "duration", .fields = {"until"}, .waits = true};
  return shape;
}

bool WaitAction::is_idempotent(const ActionRequest& /*request*/) const { return true; }

Task<ActionOutcome> WaitAction::execute(ActionRequest request) {
  const auto end = end_of(request);
  if (!end) co_return error_outcome(end.error().message);
  if (*end > clock_.now()) co_return ActionOutcome{.waits_until = *end};
  boost::json::object result;
  result["waitedUntil"] = to_iso(*end);
  co_return ActionOutcome{.result = std::move(result)};
}

}  // namespace bellpull
