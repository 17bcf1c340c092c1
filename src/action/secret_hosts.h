// Where a secret may go: to the hosts that it is bound to (product.md; W47).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "action/action.h"

namespace bellpull {

// Why the request's secrets must not go to that URL; nothing when they may. A secret that is bound
// to no host goes to those only that the instruction's author wrote, never to one that the model
// chose. In a pattern a leading "*." stands for every name below, and a port may follow.
std::optional<std::string> refuse_secrets(const ActionRequest& request, std::string_view url);

}  // namespace bellpull
