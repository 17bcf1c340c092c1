#include "action/echo.h"

#include <optional>
#include <utility>

#include <boost/json/value.hpp>

#include "action/action.h"
#include "action/shape.h"
#include "base/json.h"
#include "base/task.h"

namespace bellpull {

const ActionShape& EchoAction::shape() const {
  static const ActionShape shape{.main = "text"};
  return shape;
}

bool EchoAction::is_idempotent(const ActionRequest& /*request*/) const { return true; }

Task<ActionOutcome> EchoAction::execute(ActionRequest request) {
  const auto* const text = request.input.if_contains("text");
  if (text == nullptr) co_return ActionOutcome{.result = ""};
  std::optional<boost::json::value> parsed;
  if (text->is_string()) parsed = parse_foreign(text->get_string());
  co_return ActionOutcome{.result = parsed ? std::move(*parsed) : *text};
}

}  // namespace bellpull
