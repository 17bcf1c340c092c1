// The turns of a conversation as the messages of Anthropic's form.
#pragma once

#include <vector>

#include <boost/json/array.hpp>

#include "llm/provider.h"

namespace bellpull {

// Without the system turns. Every call has an id of its own, of the characters that the server
// takes; its result has the same.
boost::json::array anthropic_messages(const std::vector<Turn>& turns);

}  // namespace bellpull
