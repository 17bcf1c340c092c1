// JSON as text and back.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.h"

namespace bellpull {

// The body of a request. An empty one is {}. Fails with `invalid`, "the body is not valid JSON:
// unexpected end at byte 8".
Result<boost::json::object> parse_body(std::string_view text);

// Every character above ASCII of a JSON text as \uXXXX (api-contract.md 1.13); what is not UTF-8
// becomes U+FFFD.
std::string to_ascii(std::string_view json);

}  // namespace bellpull
