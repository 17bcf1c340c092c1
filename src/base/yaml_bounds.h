// What YAML from others may be: so many nodes, so deep, and nothing that grows while it is read.
//
// An alias is written once and read as often as it is named, so five lines can stand for millions
// of nodes; neither anchors nor aliases are taken. Asked of each event of the parser, before
// anything is made of it.
#pragma once

#include <cstddef>
#include <string>
#include <yaml-cpp/anchor.h>

namespace bellpull {

class YamlBounds {
 public:
  YamlBounds(std::size_t max_nodes, std::size_t max_depth)
      : max_nodes_(max_nodes), max_depth_(max_depth) {}

  // Each says why what comes next is not taken, and nothing when it is.
  std::string node(YAML::anchor_t anchor);  // of every kind but an alias, keys among them
  std::string open();                       // after the node() of a list or a map
  static std::string alias();

  void close() { --depth_; }

 private:
  const std::size_t max_nodes_;
  const std::size_t max_depth_;
  std::size_t nodes_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace bellpull
