// The query of a URL as names and values: '+' is a space, percent escapes are decoded once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bellpull {

class Query {
 public:
  struct Pair {
    std::string name;
    std::string value;
  };

  // Fails with `invalid` on a bad percent escape and on text that is not UTF-8. A name without '='
  // has the value ""; empty pairs ("a=1&&b=2") are skipped.
  static Result<Query> parse(std::string_view raw);

  // The first value of `name`.
  std::optional<std::string_view> find(std::string_view name) const;
  // All of them, in the order of the URL.
  const std::vector<Pair>& pairs() const { return pairs_; }

 private:
  std::vector<Pair> pairs_;
};

}  // namespace bellpull
