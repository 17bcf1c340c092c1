// A value of the body as the header that mirrors it in the modern era.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "egress/http_call.h"

namespace bellpull {

// As it is when it is plain ASCII without blanks at its ends, else as `=?base64?...?=`.
std::string mcp_header_value(std::string_view text);

// A property of a tool's input that a header repeats: `x-mcp-header` in its schema.
struct MirroredParameter {
  std::vector<std::string> path;  // of property names, from the arguments down
  std::string header;             // what follows "Mcp-Param-"
};

// Fails for a tool that breaks the rules: a name that is no token or is used twice, or a property
// that is no string, integer or boolean. Such a tool must not be offered.
Result<std::vector<MirroredParameter>> mirrored_parameters(const boost::json::object& schema);

// The headers for a call with these arguments; what is absent or null has none.
std::vector<HttpField> parameter_headers(const std::vector<MirroredParameter>& parameters,
                                         const boost::json::object& arguments);

}  // namespace bellpull
