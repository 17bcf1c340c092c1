// Whether an event has what a search looks for in its text: what SQL can't say, or not as fast.
//
// Pure; made once for a look. Threads: one.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/event_search.h"
#include "store/transaction.h"

namespace bellpull {

class EventMatcher {
 public:
  // The search outlives it.
  explicit EventMatcher(const EventSearch& search);

  bool matches(const EventAndRun& row, std::string_view body) const;

 private:
  struct FoldedHash {
    std::size_t operator()(char c) const noexcept;
  };
  struct FoldedEqual {
    bool operator()(char a, char b) const noexcept;
  };
  using Searcher =
      std::boyer_moore_horspool_searcher<std::string::const_iterator, FoldedHash, FoldedEqual>;

  bool has_text(const EventAndRun& row, std::string_view body) const;

  const EventSearch& search_;
  const Searcher text_;
  std::vector<Searcher> values_;  // of the body's values
};

}  // namespace bellpull
