// How well a text fits a few words, for searches that read what they search: words are folded as a
// dataset's search folds them, without case, accents and English endings.
//
// Threads: a store thread; lives inside its snapshot.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "store/transaction.h"

namespace bellpull {

class WordMatch {
 public:
  WordMatch(const Transaction& rows, std::string_view query);

  // Nothing can match: the query has no words.
  bool empty() const { return words_.empty(); }
  // How many of the query's words the text has; of a long text, its beginning counts.
  std::size_t count(std::string_view text) const;

 private:
  const Transaction& rows_;
  const std::vector<std::string> words_;
};

// At most so many bytes, and a mark where something was left out.
std::string cut_short(std::string_view text, std::size_t bytes);

}  // namespace bellpull
