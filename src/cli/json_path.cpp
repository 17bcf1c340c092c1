#include "cli/json_path.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/time.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

void append_indented(std::string& text, const json::value& value, std::size_t depth) {
  const auto new_line = [&](std::size_t at) { text += "\n" + std::string(2 * at, ' '); };
  bool is_first = true;
  const auto next = [&] {
    if (!is_first) text += ',';
    is_first = false;
    new_line(depth + 1);
  };
  if (value.is_object() && !value.get_object().empty()) {
    text += '{';
    for (const auto& member : value.get_object()) {
      next();
      text += json::serialize(json::value(member.key())) + ": ";
      append_indented(text, member.value(), depth + 1);
    }
    new_line(depth);
    text += '}';
  } else if (value.is_array() && !value.get_array().empty()) {
    text += '[';
    for (const json::value& item : value.get_array()) {
      next();
      append_indented(text, item, depth + 1);
    }
    new_line(depth);
    text += ']';
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

const json::value* find_path(const json::object& object, std::string_view path) {
  const json::object* at = &object;
  while (true) {
    const std::size_t dot = path.find('.');
    const json::value* found = at->if_contains(path.substr(0, dot));
    if (found == nullptr || found->is_null()) return nullptr;
    if (dot == std::string_view::npos) return found;
    if (!found->is_object()) return nullptr;
    at = &found->get_object();
    path.remove_prefix(dot + 1);
  }
}

std::string text_at(const json::object& object, std::string_view path) {
  const json::value* found = find_path(object, path);
  if (found == nullptr) return {};
  return found->is_string() ? std::string{found->get_string()} : json::serialize(*found);
}

std::optional<std::int64_t> number_at(const json::object& object, std::string_view path) {
  const json::value* found = find_path(object, path);
  if (found == nullptr) return std::nullopt;
  if (found->is_int64()) return found->get_int64();
  if (found->is_double()) return static_cast<std::int64_t>(found->get_double());
  return std::nullopt;
}

std::optional<TimePoint> time_at(const json::object& object, std::string_view path) {
  if (const auto ms = number_at(object, path)) return from_ms(*ms);
  return parse_iso(text_at(object, path));
}

json::object object_at(const json::object& object, std::string_view path) {
  const json::value* found = find_path(object, path);
  return found != nullptr && found->is_object() ? found->get_object() : json::object{};
}

json::array array_at(const json::object& object, std::string_view path) {
  const json::value* found = find_path(object, path);
  return found != nullptr && found->is_array() ? found->get_array() : json::array{};
}

json::object only(const json::object& object, const std::vector<std::string>& paths) {
  json::object kept;
  for (const std::string& path : paths) {
    const json::value* found = find_path(object, path);
    kept[path] = found == nullptr ? json::value(nullptr) : *found;
  }
  return kept;
}

std::string indented(const json::value& value) {
  std::string text;
  append_indented(text, value, 0);
  return text;
}

}  // namespace bellpull::cli
