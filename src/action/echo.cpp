#include "action/echo.h"

#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "action/action.h"
#include "base/task.h"

namespace bellpull {

bool EchoAction::is_idempotent(const ActionRequest& /*request*/) const { return true; }

Task<ActionOutcome> EchoAction::execute(ActionRequest request) {
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(request.input, error);
  if (!error) co_return ActionOutcome{.result = std::move(parsed)};
  co_return ActionOutcome{.result = boost::json::value(request.input)};
}

}  // namespace bellpull
