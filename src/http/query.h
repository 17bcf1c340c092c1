// The query of a URL as names and values: '+' is a space, percent escapes are decoded once, and
// what is no escape stays as it is, as in a browser.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

class Query {
 public:
  struct Pair {
    std::string name;
    std::string value;
  };

  // A name without '=' has the value ""; empty pairs ("a=1&&b=2") are skipped.
  explicit Query(std::string_view raw);

  // The first value of `name`; any bytes, so who keeps it looks at them first.
  std::optional<std::string_view> find(std::string_view name) const;
  // All of them, in the order of the URL.
  const std::vector<Pair>& pairs() const { return pairs_; }

 private:
  std::vector<Pair> pairs_;
};

}  // namespace bellpull
