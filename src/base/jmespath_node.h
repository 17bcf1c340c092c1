// A JMESPath expression as a tree. jmespath.org, "Grammar", says what each form means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

namespace bellpull {

enum class JmesKind : std::uint8_t {
  current,
  literal,
  field,
  index,
  slice,
  chain,              // a.b, a | b: the second is evaluated on what the first gives
  list_projection,    // a[*].b: children are a, b
  object_projection,  // a.*.b
  filter_projection,  // a[?c].b: children are a, b, c
  flatten,
  list,         // [a, b]
  hash,         // {x: a, y: b}: `names` are x, y
  function,     // its name in `name`
  reference,    // &a, an argument of a function
  conjunction,  // a && b
  disjunction,  // a || b
  negation,
  equal,
  unequal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
};

struct JmesSlice {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::int64_t step = 1;
};

struct JmesNode {
  JmesKind kind = JmesKind::current;
  std::string name;  // of a field or function
  boost::json::value literal;
  std::int64_t index = 0;
  JmesSlice slice;
  std::vector<std::string> names;
  std::vector<JmesNode> children;
  unsigned depth = 1;  // levels of the tree from here down
};

}  // namespace bellpull
