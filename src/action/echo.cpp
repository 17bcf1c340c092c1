#include "action/echo.h"

#include <optional>
#include <utility>

#include <boost/json/value.hpp>

#include "action/action.h"
#include "base/json.h"
#include "base/task.h"

namespace bellpull {

bool EchoAction::is_idempotent(const ActionRequest& /*request*/) const { return true; }

Task<ActionOutcome> EchoAction::execute(ActionRequest request) {
  std::optional<boost::json::value> parsed = parse_foreign(request.input);
  if (parsed) co_return ActionOutcome{.result = std::move(*parsed)};
  co_return ActionOutcome{.result = boost::json::value(request.input)};
}

}  // namespace bellpull
