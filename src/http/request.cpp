#include "http/request.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "http/text.h"

namespace bellpull {

std::string_view RequestHead::header(std::string_view name) const {
  for (const HeaderField& field : head_->fields) {
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

bool RequestHead::has_header(std::string_view name) const {
  return std::ranges::any_of(head_->fields, [&](const HeaderField& field) {
    return equals_ignoring_case(field.name, name);
  });
}

std::string_view RequestHead::parameter(std::size_t index) const {
  const RouteMatch& match = head_->match;
  if (match.names == nullptr || index >= match.names->size()) return {};
  return match.values.at(index);
}

std::string_view RequestHead::parameter(std::string_view name) const {
  const RouteMatch& match = head_->match;
  if (match.names == nullptr) return {};
  for (std::size_t i = 0; i < match.names->size(); ++i) {
    if ((*match.names)[i] == name) return match.values.at(i);
  }
  return {};
}

}  // namespace bellpull
