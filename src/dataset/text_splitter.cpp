#include "dataset/text_splitter.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataset/token_estimate.h"

namespace bellpull {

namespace {

// From the one that hurts least.
constexpr std::array<std::string_view, 6> natural{"\n\n", "\n", ". ", "? ", "! ", " "};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    const bool is_escape = next == 'n' || next == 't' || next == '\\';
    if (is_escape) ++i;
    result += next == 'n' ? '\n' : next == 't' ? '\t' : is_escape ? '\\' : text[i];
  }
  return result;
}

// The last place up to which a piece fits: behind the last of the coarsest separator there is,
// whose blanks need no room.
std::size_t best_cut(std::string_view text, std::size_t max_bytes) {
  const std::string_view fits = cut_text(text, max_bytes);
  for (const std::string_view separator : natural) {
    const std::size_t kept = trim(separator).size();
    if (kept > fits.size()) continue;
    const std::size_t found = text.rfind(separator, fits.size() - kept);
    if (found != std::string_view::npos && found > 0) return found + separator.size();
  }
  return fits.empty() ? std::min(max_bytes, text.size()) : fits.size();
}

void split_natural(std::string_view text, std::size_t max_bytes,
                   std::vector<std::string_view>& pieces) {
  text = trim(text);
  while (text.size() > max_bytes) {
    const std::size_t cut = best_cut(text, max_bytes);
    if (const std::string_view piece = trim(text.substr(0, cut)); !piece.empty()) {
      pieces.push_back(piece);
    }
    text = trim(text.substr(cut));
  }
  if (!text.empty()) pieces.push_back(text);
}

}  // namespace

std::vector<std::string> parse_separators(std::string_view text) {
  std::vector<std::string> separators;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (std::string separator = unescaped(text.substr(0, end)); !separator.empty()) {
      separators.push_back(std::move(separator));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return separators;
}

std::vector<std::string_view> split_text(std::string_view text, std::size_t max_bytes,
                                         const std::vector<std::string>& separators) {
  std::vector<std::string_view> pieces;
  max_bytes = std::max<std::size_t>(max_bytes, bytes_of_token);
  std::size_t start = 0;
  for (std::size_t at = 0; !separators.empty() && at < text.size();) {
    const auto here = std::ranges::find_if(separators, [&](const std::string& separator) {
      return text.substr(at).starts_with(separator);
    });
    if (here == separators.end()) {
      ++at;
      continue;
    }
    split_natural(text.substr(start, at - start), max_bytes, pieces);
    at += here->size();
    start = at;
  }
  split_natural(text.substr(start), max_bytes, pieces);
  return pieces;
}

}  // namespace bellpull
