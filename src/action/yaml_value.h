// YAML as JSON: what a person or an author writes where no placeholder stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace bellpull {

// A scalar without quotes or tag, by YAML's core schema.
boost::json::value plain_yaml_scalar(const std::string& text);

// Nothing for what is no YAML, has a key that is no text, is nested deeper than a foreign JSON may
// be (base/json.h), or has more than 10,000 values (aliases count as often as they are used).
std::optional<boost::json::value> read_yaml_value(std::string_view text);

}  // namespace bellpull
