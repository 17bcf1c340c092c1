// What a path that no endpoint has was most likely meant to be.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "api/routes.h"

namespace bellpull {

// "did you mean /api/v1/bot/list?", for a path with one mistyped word or without its prefix; empty
// when nothing is close. Costs a comparison of words for each endpoint, of short paths only.
std::string path_hint(const std::deque<Routes::Endpoint>& endpoints, std::string_view path);

}  // namespace bellpull
