// A regular expression in the interchange form of RFC 9485, which JSONPath uses, and whose matching
// takes time in proportion to the text: RE2 has no backtracking. "^" and "$" are a text's begin
// and end, as users write them.
//
// Threads: any, once parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace bellpull {

class IRegexp {
 public:
  static constexpr std::size_t max_bytes = 1024;

  // Fails with `invalid`: more than the interchange form has, or too large a one.
  static Result<IRegexp> parse(std::string_view text);

  bool matches(std::string_view text) const;    // the whole text
  bool is_within(std::string_view text) const;  // some part of it
  // What a look at a text of so many bytes costs at worst, for base/query_budget.h.
  std::uint64_t steps_for(std::size_t bytes) const;

 private:
  explicit IRegexp(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

  // Shared, because it is immutable and dear, and who has a copy can't change it.
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace bellpull
