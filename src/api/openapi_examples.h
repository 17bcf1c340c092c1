// Examples of bodies and replies for the API's description, by operationId.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

namespace bellpull {

std::optional<boost::json::value> body_example(std::string_view operation_id);
std::optional<boost::json::value> reply_example(std::string_view operation_id);

}  // namespace bellpull
