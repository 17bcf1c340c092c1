#include "llm/rules_path.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t most_digits = 9;
constexpr auto example = "write it like event.items.0.sku or event.\"order id\"";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Names with anything else in them are quoted; beyond ASCII every character is one of a name.
bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-' ||
         c == '$' || c == '@' || static_cast<unsigned char>(c) > 127;
}

std::optional<std::string> take_quoted(std::string_view& rest) {
  const std::size_t end = rest.find(rest.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  std::string name{rest.substr(1, end - 1)};
  rest.remove_prefix(end + 1);
  return name;
}

std::optional<std::string> take_name(std::string_view& rest) {
  if (rest.starts_with('"') || rest.starts_with('\'')) return take_quoted(rest);
  std::size_t length = 0;
  while (length < rest.size() && is_of_name(rest[length])) ++length;
  if (length == 0) return std::nullopt;
  std::string name{rest.substr(0, length)};
  rest.remove_prefix(length);
  return name;
}

// After ".": a name; from "[": an index.
std::optional<std::string> take_step(std::string_view& rest) {
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    return take_name(rest);
  }
  if (!rest.starts_with('[')) return std::nullopt;
  const std::size_t end = rest.find(']');
  if (end == std::string_view::npos || end < 2) return std::nullopt;
  std::string index{rest.substr(1, end - 1)};
  if (!std::ranges::all_of(index, is_digit)) return std::nullopt;
  rest.remove_prefix(end + 1);
  return index;
}

const json::value* step_into(const json::value& value, const std::string& name) {
  if (const auto* object = value.if_object()) return object->if_contains(name);
  const auto* list = value.if_array();
  if (list == nullptr || name.empty() || name.size() > most_digits) return nullptr;
  if (!std::ranges::all_of(name, is_digit)) return nullptr;
  return list->if_contains(std::stoul(name));
}

}  // namespace

Result<RulesPath> RulesPath::parse(std::string_view text) {
  if (text.size() > max_bytes) {
    return fail(ErrorCode::invalid, "a path has at most " + std::to_string(max_bytes) + " bytes");
  }
  RulesPath path;
  path.text_ = text;
  std::string_view rest = text;
  auto root = take_name(rest);
  while (root && !rest.empty()) {
    auto step = take_step(rest);
    if (!step) break;
    path.steps_.push_back(std::move(*step));
  }
  if (!root || !rest.empty()) {
    return fail(ErrorCode::invalid, "`" + path.text_ + "` is not a path; " + example);
  }
  if (path.steps_.size() > max_steps) {
    return fail(ErrorCode::invalid, "a path has at most " + std::to_string(max_steps) + " steps");
  }
  path.root_ = std::move(*root);
  return path;
}

const json::value* RulesPath::find(const json::value& root) const {
  const json::value* at = &root;
  for (const std::string& step : steps_) {
    at = step_into(*at, step);
    if (at == nullptr) return nullptr;
  }
  return at->is_null() ? nullptr : at;
}

}  // namespace bellpull
