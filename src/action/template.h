// The input of an action as its author wrote it: text with placeholders, and a tree where the text
// is YAML. The arguments fill the tree's leaves, so a value can never become structure (W49).
//
// Threads: immutable once parsed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/value.hpp>

#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

// Text between placeholders, and the placeholders.
using Segment = std::variant<std::string, Placeholder>;
using Segments = std::vector<Segment>;

struct TemplateValue;
struct TemplateEntry;
using TemplateList = std::vector<TemplateValue>;
using TemplateMap = std::vector<TemplateEntry>;

struct TemplateValue {
  // A literal that is no text, a text, a list, a map.
  std::variant<boost::json::value, Segments, TemplateList, TemplateMap> value;
};

// A key is without the "?" that the author may have put behind it.
struct TemplateEntry {
  Segments key;
  bool only_with_value = false;  // "key?": left out when its value is null or empty
  TemplateValue value;
};

// Fails, naming the field, for a placeholder that cannot be understood.
Result<Segments> read_segments(std::string_view text);

// The text of a key or value that has no placeholder; nothing when it has one.
const std::string* plain_text(const Segments& segments);

// Calls `visit(Placeholder&)` for each placeholder, in the author's order.
template <class Visit>
void each_placeholder(Segments& segments, const Visit& visit) {
  for (Segment& segment : segments) {
    if (auto* const field = std::get_if<Placeholder>(&segment)) visit(*field);
  }
}
template <class Visit>
void each_placeholder(TemplateValue& value, const Visit& visit) {
  if (auto* const text = std::get_if<Segments>(&value.value)) each_placeholder(*text, visit);
  if (auto* const list = std::get_if<TemplateList>(&value.value)) {
    for (TemplateValue& element : *list) each_placeholder(element, visit);
  }
  if (auto* const map = std::get_if<TemplateMap>(&value.value)) {
    for (TemplateEntry& entry : *map) {
      each_placeholder(entry.key, visit);
      each_placeholder(entry.value, visit);
    }
  }
}

// The entry of that plain key; nothing when there is none.
TemplateValue* find_entry(TemplateMap& map, std::string_view key);

}  // namespace bellpull
