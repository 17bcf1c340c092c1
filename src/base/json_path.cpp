#include "base/json_path.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_index_digits = 9;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Beyond ASCII every character is one of a name. RFC 9535 wants a dash quoted; header-like names
// are too common in webhooks to insist.
bool is_of_name(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || static_cast<unsigned char>(c) > 127;
}

// Takes one step's text off the front of `rest`; nothing when there is none.
std::optional<std::string> take_name(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && is_of_name(rest[length])) ++length;
  if (length == 0 || is_digit(rest.front())) return std::nullopt;
  std::string name{rest.substr(0, length)};
  rest.remove_prefix(length);
  return name;
}

// After "[" and a quote. A name that holds that quote, or a backslash, can't be written.
std::optional<std::string> take_quoted(std::string_view& rest) {
  const char quote = rest.front();
  const std::size_t end = rest.find(quote, 1);
  if (end == std::string_view::npos || !rest.substr(end + 1).starts_with(']')) return std::nullopt;
  std::string name{rest.substr(1, end - 1)};
  if (name.find('\\') != std::string::npos) return std::nullopt;
  rest.remove_prefix(end + 2);
  return name;
}

std::optional<std::size_t> take_index(std::string_view& rest) {
  const std::size_t end = rest.find(']');
  if (end == 0 || end == std::string_view::npos || end > max_index_digits) return std::nullopt;
  std::size_t index = 0;
  for (const char digit : rest.substr(0, end)) {
    if (!is_digit(digit)) return std::nullopt;
    index = 10 * index + static_cast<std::size_t>(digit - '0');
  }
  rest.remove_prefix(end + 1);
  return index;
}

std::optional<std::variant<std::string, std::size_t>> take_step(std::string_view& rest) {
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    return take_name(rest);
  }
  if (!rest.starts_with('[')) return std::nullopt;
  rest.remove_prefix(1);
  if (rest.starts_with('\'') || rest.starts_with('"')) return take_quoted(rest);
  return take_index(rest);
}

const json::value* step_into(const json::value& value, const std::string& name) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

const json::value* step_into(const json::value& value, std::size_t index) {
  const auto* array = value.if_array();
  return array == nullptr ? nullptr : array->if_contains(index);
}

}  // namespace

Result<JsonPath> JsonPath::parse(std::string_view text) {
  if (text.size() > max_bytes) {
    return fail(ErrorCode::invalid, "must be at most " + std::to_string(max_bytes) + " bytes");
  }
  JsonPath path;
  path.text_ = text;
  std::string_view rest = text;
  if (!rest.starts_with('$')) {
    return fail(ErrorCode::invalid, "must begin with $", "write it like $.data.id");
  }
  rest.remove_prefix(1);
  if (rest.empty()) {
    return fail(ErrorCode::invalid, "must name a member", "write it like $.data.id");
  }
  while (!rest.empty()) {
    const std::size_t at = text.size() - rest.size();
    auto step = take_step(rest);
    if (!step) {
      return fail(ErrorCode::invalid,
                  "must go on with .name, ['name'] or [0] at character " + std::to_string(at + 1),
                  "write it like $.data.items[0]['order id']");
    }
    path.steps_.push_back(std::move(*step));
  }
  if (path.steps_.size() > max_foreign_depth) {
    return fail(ErrorCode::invalid,
                "must have at most " + std::to_string(max_foreign_depth) + " steps");
  }
  return path;
}

const json::value* JsonPath::find(const json::value& root) const {
  const json::value* at = &root;
  for (const Step& step : steps_) {
    at = std::visit([at](const auto& name) { return step_into(*at, name); }, step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace bellpull
