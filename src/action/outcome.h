// The shape in which a call tells the model that it did not do what it was asked to.
#pragma once

#include <optional>
#include <string_view>

#include "action/action.h"
#include "egress/http_call.h"

namespace bellpull {

// {"error": "..."}, with `is_error`.
ActionOutcome error_outcome(std::string_view message);

// Of a request that does harm when it is made twice and failed so that it may have taken effect all
// the same (ActionOutcome::outcome_unknown); nothing when it has not.
std::optional<ActionOutcome> unknown_outcome(const HttpFailure& failure);

}  // namespace bellpull
