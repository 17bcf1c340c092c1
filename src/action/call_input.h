// What a person types to try an ability out, as the arguments of its function.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.h"

namespace bellpull {

// `parameters` is the function's JSON Schema. The text is a JSON object or a YAML map of arguments;
// any other text is the value of the one parameter that there is, or that is required. Nothing of
// it is read where the function takes none. Fails, showing the parameters and an example, for a
// text that could be the value of several.
Result<boost::json::object> read_call_input(std::string_view text,
                                            const boost::json::object& parameters);

}  // namespace bellpull
