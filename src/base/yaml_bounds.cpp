#include "base/yaml_bounds.h"

#include <string>
#include <yaml-cpp/anchor.h>

#include <fmt/core.h>

namespace bellpull {

std::string YamlBounds::node(YAML::anchor_t anchor) {
  if (anchor != YAML::NullAnchor) {
    return "anchors (&name) are not taken; write the value out";
  }
  if (++nodes_ > max_nodes_) {
    return fmt::format("there are too many values; {} are taken, keys among them", max_nodes_);
  }
  return {};
}

std::string YamlBounds::open() {
  if (++depth_ > max_depth_) return fmt::format("values are nested deeper than {}", max_depth_);
  return {};
}

std::string YamlBounds::alias() { return "aliases (*name) are not taken; write the value out"; }

}  // namespace bellpull
