// What the meta of a record must be like to be found: the `filter` of a search (api-contract.md
// 2.5).
//
//   {"kind": "faq", "year": {"$gte": 2020, "$lt": 2025}}
//
// All conditions must hold. A key is a member of meta, or else a path with dots. Numbers are
// compared with numbers and texts with texts; what is absent equals null, and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace bellpull {

inline constexpr std::size_t max_meta_conditions = 20;

class MetaConditions {
 public:
  MetaConditions() = default;
  // Fails with `invalid`, naming everything that is wrong.
  static Result<MetaConditions> parse(const boost::json::object& filter);

  bool empty() const { return conditions_.empty(); }
  // `meta` is a JSON object as it is kept.
  bool hold(std::string_view meta) const;

 private:
  enum class Operator : std::uint8_t { equal, not_equal, greater, at_least, less, at_most };
  struct Condition {
    std::string key;
    Operator is = Operator::equal;
    boost::json::value value;
  };

  static bool holds(const Condition& condition, const boost::json::object& meta);

  std::vector<Condition> conditions_;
};

}  // namespace bellpull
