#include "action/word_match.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/token_estimate.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr std::size_t max_query_words = 16;
constexpr std::size_t max_words = 1'000;
constexpr std::size_t max_text_bytes = std::size_t{16} * 1024;

}  // namespace

WordMatch::WordMatch(const Transaction& rows, std::string_view query)
    : rows_(rows), words_(rows.records().words_of(query, max_query_words)) {}

std::size_t WordMatch::count(std::string_view text) const {
  const auto found = rows_.records().words_of(cut_text(text, max_text_bytes), max_words);
  return static_cast<std::size_t>(std::ranges::count_if(words_, [&](const std::string& word) {
    return std::ranges::find(found, word) != found.end();
  }));
}

std::string cut_short(std::string_view text, std::size_t bytes) {
  std::string shown{cut_text(text, bytes)};
  if (shown.size() < text.size()) shown += "\u2026";
  return shown;
}

}  // namespace bellpull
