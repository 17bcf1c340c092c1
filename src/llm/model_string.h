// "gpt-x/temperature=0.2/maxTokens=800" taken apart (api-contract.md, 1.18).
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace bellpull {

struct ModelString {
  std::string name;             // everything before the first key=value, so it may hold slashes
  boost::json::object options;  // as text; a slash in a value is written %2F
};

// Never fails: whether such a model exists shows when it is used. Also reads the JSON form
// {"name": ..., "config": {...}}.
ModelString parse_model_string(std::string_view text);

}  // namespace bellpull
