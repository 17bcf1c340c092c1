// The shape in which a call tells the model that it did not do what it was asked to.
#pragma once

#include <string_view>

#include "action/action.h"

namespace bellpull {

// {"error": "..."}, with `is_error`.
ActionOutcome error_outcome(std::string_view message);

}  // namespace bellpull
