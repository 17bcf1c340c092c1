#include "action/outcome.h"

#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "action/action.h"

namespace bellpull {

ActionOutcome error_outcome(std::string message) {
  boost::json::object result;
  result["error"] = std::move(message);
  return {.result = std::move(result), .is_error = true};
}

}  // namespace bellpull
