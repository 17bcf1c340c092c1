#include "action/outcome.h"

#include <string_view>
#include <utility>

#include <boost/json/object.hpp>

#include "action/action.h"

namespace bellpull {

ActionOutcome error_outcome(std::string_view message) {
  boost::json::object result;
  result["error"] = message;
  return {.result = std::move(result), .is_error = true};
}

}  // namespace bellpull
