// The families of endpoints: how the API's description groups them.
#pragma once

#include <set>
#include <string>

#include <boost/json/array.hpp>

#include "api/routes.h"

namespace bellpull {

// "trigger" of "/integration/trigger/create", "bot" of "/bot/create", "server" without a prefix.
std::string family_of(const Routes::Endpoint& endpoint);

// The tags of these families with what each is about. One that has no words of its own here comes
// last, under its name only.
boost::json::array tags_of(const std::set<std::string>& families);

// Whether there are words for it: every family is to have some.
bool is_known_family(const std::string& family);

}  // namespace bellpull
