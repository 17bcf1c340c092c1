// A JSONPath query (RFC 9535) as a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "base/i_regexp.h"

namespace bellpull {

struct QueryTest;

enum class SelectorKind : std::uint8_t { name, wildcard, index, slice, filter };

struct QuerySelector {
  SelectorKind kind = SelectorKind::wildcard;
  std::string name;
  std::int64_t index = 0;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::int64_t step = 1;
  std::vector<QueryTest> filter;  // one, for a filter
};

struct QuerySegment {
  bool descends = false;  // ..
  std::vector<QuerySelector> selectors;
};

struct QueryPath {
  bool is_relative = false;  // begins with @
  std::vector<QuerySegment> segments;

  // Whether it names one value at most.
  bool is_singular() const;
};

enum class QueryKind : std::uint8_t {
  conjunction,
  disjunction,
  negation,
  exists,  // `path` finds something
  equal,
  unequal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  // Operands of a comparison or function:
  literal,
  path,
  length,
  count,
  value,
  // Functions that are tests:
  match,
  search,
};

struct QueryTest {
  QueryKind kind = QueryKind::literal;
  std::vector<QueryTest> children;
  boost::json::value literal;
  QueryPath path;
  std::optional<IRegexp> pattern;  // of match and search
};

}  // namespace bellpull
