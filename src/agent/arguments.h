// The arguments of a call, as a model wrote them.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.h"

namespace bellpull {

// A JSON object; blank text is an empty one. Fails with what was wrong, in words for the model.
Result<boost::json::object> read_arguments(std::string_view text);

}  // namespace bellpull
