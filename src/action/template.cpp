#include "action/template.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

Result<Segments> read_segments(std::string_view text) {
  Segments segments;
  std::string literal;
  while (!text.empty()) {
    auto read = read_placeholder(text);
    if (!read) {
      literal += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (!*read) return std::unexpected(std::move(read->error()));
    if (!literal.empty()) segments.emplace_back(std::exchange(literal, {}));
    text.remove_prefix((*read)->length);
    segments.emplace_back(std::move((*read)->field));
  }
  if (!literal.empty()) segments.emplace_back(std::move(literal));
  return segments;
}

const std::string* plain_text(const Segments& segments) {
  static const std::string empty;
  if (segments.empty()) return &empty;
  return segments.size() == 1 ? std::get_if<std::string>(&segments.front()) : nullptr;
}

TemplateValue* find_entry(TemplateMap& map, std::string_view key) {
  for (TemplateEntry& entry : map) {
    const std::string* const text = plain_text(entry.key);
    if (text != nullptr && *text == key) return &entry.value;
  }
  return nullptr;
}

}  // namespace bellpull
