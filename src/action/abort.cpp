#include "action/abort.h"

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "action/action.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "base/task.h"
#include "base/text.h"

namespace bellpull {

const ActionShape& AbortAction::shape() const {
  static const ActionShape shape{.main = "reason"};
  return shape;
}

bool AbortAction::is_idempotent(const ActionRequest& /*request*/) const { return true; }

Task<ActionOutcome> AbortAction::execute(ActionRequest request) {
  InputFields fields{request.input};
  const std::string block = fields.text("reason");
  std::string_view reason;
  if (const auto* argument = request.arguments.if_contains("reason");
      argument && argument->is_string()) {
    reason = trim(argument->get_string());
  }
  if (reason.empty()) reason = trim(block);
  if (reason.empty()) co_return error_outcome("The parameter \"reason\" is required");
  boost::json::object result;
  result["status"] = settlement_ == Settlement::success ? "success" : "failure";
  result["reason"] = reason;
  co_return ActionOutcome{
      .result = std::move(result), .settles = settlement_, .reason = std::string(reason)};
}

}  // namespace bellpull
