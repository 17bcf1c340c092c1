// What can be told of an instruction's YAML before anything is made of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

struct YamlOutline {
  // Why it is not read: an anchor or an alias, too many nodes, too deep, no YAML at all. A sentence
  // that names the line; empty when it may be read.
  std::string refusal;
  // Of the root, when it is a map, without the "?" behind them; none for what is no YAML.
  std::vector<std::string> root_keys;
};

// Of the first document of a text. Takes time and memory that grow with the text alone.
YamlOutline outline_yaml(std::string_view text);

}  // namespace bellpull
