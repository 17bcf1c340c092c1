// The model's values: what a field accepts, and what its occurrences insert.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "action/character_class.h"
#include "action/placeholder.h"
#include "base/json.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::unexpected<Error> bad(const Placeholder& field, std::string_view what) {
  return fail(ErrorCode::invalid, fmt::format("The parameter \"{}\" {}", field.name, what));
}

// A value as a person writes it: text without quotes, 1.5 instead of 1.5E0.
std::string to_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

std::string to_json(const json::value& value) {
  return value.is_double() ? to_text(value) : json::serialize(value);
}

std::optional<json::value> as_number(std::string_view text) {
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
      read.ec == std::errc{} && read.ptr == text.data() + text.size()) {
    return json::value(whole);
  }
  double real = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), real);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(real))
    return std::nullopt;
  return json::value(real);
}

// Models also send a list or an object as its JSON text.
Result<json::value> structured(const Placeholder& field, json::value value) {
  if (const auto* text = value.if_string()) {
    if (auto read = parse_foreign(*text)) value = std::move(*read);
  }
  const bool is_list = field.type == FieldType::list;
  if (is_list ? value.is_array() : value.is_object()) return value;
  return bad(field, is_list ? "must be a list" : "must be an object");
}

Result<json::value> typed(const Placeholder& field, json::value value) {
  switch (field.type) {
    case FieldType::number:
      if (value.is_number()) return value;
      if (const auto* text = value.if_string()) {
        if (auto read = as_number(*text)) return *read;
      }
      return bad(field, "must be a number");
    case FieldType::boolean:
      if (value.is_bool()) return value;
      if (value == json::value("true")) return true;
      if (value == json::value("false")) return false;
      return bad(field, "must be true or false");
    case FieldType::list:
    case FieldType::object:
      return structured(field, std::move(value));
    case FieldType::text:
      break;
  }
  // Structured values are inserted as JSON, where the place or an operand says so; see insertion().
  if (value.is_structured()) return value;
  return json::value(to_text(value));
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

Result<void> check_limits(const Placeholder& field, const json::value& value) {
  if (!field.choices.empty() &&
      std::ranges::find(field.choices, to_text(value)) == field.choices.end()) {
    return bad(field, fmt::format("must be one of: {}", fmt::join(field.choices, ", ")));
  }
  if (!field.least && !field.most) return {};
  const bool is_text = value.is_string();
  if (!is_text && !value.is_number()) return {};
  const double size =
      is_text ? static_cast<double>(characters(value.get_string())) : value.to_number<double>();
  const std::string_view what = is_text ? " characters" : "";
  if (field.least && size < *field.least) {
    return bad(field, fmt::format("must be at least {}{}", *field.least, what));
  }
  if (field.most && size > *field.most) {
    return bad(field, fmt::format("must be at most {}{}", *field.most, what));
  }
  return {};
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").contains(c);
}

std::string percent_encoded(std::string_view text, std::string_view kept = {}) {
  std::string result;
  for (const char c : text) {
    if (is_unreserved(c) || kept.contains(c)) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

std::string escaped(std::string_view text, char quote) {
  std::string result;
  for (const char c : text) {
    if (c == quote || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string on_one_line(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    result += text[i] == '\n' || text[i] == '\r' ? ' ' : text[i];
  }
  return result;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

Result<std::string> normalised_json(const Placeholder& field, std::string_view text) {
  const auto parsed = parse_foreign(text);
  if (!parsed) return bad(field, "must be valid JSON");
  return to_json(*parsed);
}

Result<std::string> apply(const Placeholder& field, Transform transform, std::string text) {
  switch (transform) {
    case Transform::uri_component:
      return percent_encoded(text, "!*'()");  // as encodeURIComponent has it
    case Transform::json_text:
      return json::serialize(json::string(text));
    case Transform::json_value:
      return normalised_json(field, text);
    case Transform::double_quoted:
      return "\"" + escaped(text, '"') + "\"";
    case Transform::single_quoted:
      return "'" + escaped(text, '\'') + "'";
    case Transform::double_quotes_only:
      return escaped(text, '"');
    case Transform::single_quotes_only:
      return escaped(text, '\'');
    case Transform::one_line:
      return on_one_line(text);
    case Transform::trimmed:
      return trimmed(text);
  }
  return text;
}

bool encodes(Transform transform) {
  return transform != Transform::one_line && transform != Transform::trimmed;
}

bool has_encoding(const Placeholder& field) {
  return std::ranges::any_of(field.operands,
                             [](const Operand& operand) { return encodes(operand.transform); });
}

bool is_in_path(Place place) { return place == Place::url_path || place == Place::url_rest; }

// What the author's operands left as it may change a URL or a form. Quotes, JSON and the like are
// encoded as well there: who reads it decodes that first.
bool needs_percents(const Placeholder& field) {
  const bool takes_percents =
      is_in_path(field.place) || field.place == Place::url_query || field.place == Place::form;
  return takes_percents && std::ranges::none_of(field.operands, [](const Operand& operand) {
           return operand.transform == Transform::uri_component;
         });
}

// What the place calls for when the author named no encoding.
std::string encoded_for(Place place, std::string text, const json::value& value) {
  switch (place) {
    case Place::url_rest:
      return percent_encoded(text, "/:@,;=+&!$'()*");
    case Place::url_path:
    case Place::url_query:
    case Place::form:
      return percent_encoded(text);
    case Place::json_string: {
      const std::string quoted = json::serialize(json::string(text));
      return quoted.substr(1, quoted.size() - 2);
    }
    case Place::json_value:
      return value.is_string() ? json::serialize(json::string(text)) : to_json(value);
    case Place::plain:
    case Place::url_start:
    case Place::url_host:
    case Place::header:
    case Place::mail_address:
    case Place::text:
    case Place::unknown:
      break;
  }
  return text;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; });
}

constexpr auto no_dots = "must not be a \"..\" in a path";

// A segment that a server may take for "one up" leads out of the path that the author wrote. Some
// servers cut its parameters off first: "..;a=b".
bool has_dot_segment(std::string_view path) {
  while (true) {
    const std::size_t end = path.find_first_of("/\\");
    const std::string_view segment = path.substr(0, std::min(end, path.find(';')));
    if (segment == "." || segment == "..") return true;
    if (end == std::string_view::npos) return false;
    path.remove_prefix(end + 1);
  }
}

// What no encoding makes right: the value would say something else than a value can say there.
Result<void> check_place(const Placeholder& field, std::string_view text) {
  switch (field.place) {
    case Place::url_start:
      if (text.find_first_of(" \t\r\n") != std::string_view::npos || has_control(text)) {
        return bad(field, "must be a URL without blanks");
      }
      return {};
    case Place::url_host:
      if (!std::ranges::all_of(
              text, [](char c) { return is_unreserved(c) || c == ':' || c == '[' || c == ']'; })) {
        return bad(field, "must be part of a host name");
      }
      return {};
    case Place::url_path:
    case Place::url_rest:
      if (has_dot_segment(text)) return bad(field, no_dots);
      [[fallthrough]];
    case Place::url_query:
    case Place::header:
      if (has_control(text)) return bad(field, "must not hold a line break");
      return {};
    case Place::mail_address:
      if (text.find_first_of(",;<>\"\\") != std::string_view::npos || has_control(text)) {
        return bad(field, "must be part of one address, without , ; < > \\ and quotes");
      }
      return {};
    case Place::plain:
    case Place::json_string:
    case Place::json_value:
    case Place::form:
    case Place::text:
    case Place::unknown:
      break;
  }
  return {};
}

std::string insertion_without_value(const Placeholder& field) {
  std::string text;
  for (const Operand& operand : field.operands) {
    if (operand.only_with_value) return "";
    const Transform transform = operand.transform;
    if (transform == Transform::json_text || transform == Transform::json_value) text = "null";
    if (transform == Transform::double_quoted) text = "\"\"";
    if (transform == Transform::single_quoted) text = "''";
  }
  return text.empty() && field.place == Place::json_value ? "null" : text;
}

}  // namespace

Result<json::value> accept_value(const Placeholder& field, const json::value* argument) {
  const bool missing = argument == nullptr || argument->is_null() ||
                       (field.required && argument->is_string() && argument->get_string().empty());
  if (missing && !field.default_text) {
    if (field.required) return bad(field, "is required");
    return json::value(nullptr);
  }
  auto value = typed(field, missing ? json::value(*field.default_text) : *argument);
  if (!value) return value;
  if (!field.removed.empty() && value->is_string()) {
    if (const auto removed = CharacterClass::parse(field.removed)) {
      *value = removed->without(value->get_string());
    }
    if (field.required && value->get_string().empty()) return bad(field, "is required");
  }
  if (auto checked = check_limits(field, *value); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return value;
}

Result<std::string> insertion(const Placeholder& occurrence, const json::value& value) {
  if (value.is_null()) return insertion_without_value(occurrence);
  const bool encoding = has_encoding(occurrence);
  if (value.is_structured() && !encoding && occurrence.place != Place::json_value) {
    return bad(occurrence, "must be text");
  }
  if (!encoding && occurrence.place == Place::unknown) {
    return bad(occurrence,
               "stands where the server can't tell how to write it: in a body whose Content-Type "
               "has a field in it, or behind a backslash; write that out, or give the field the "
               "operand js or euc");
  }
  std::string text = to_text(value);
  // However it is encoded: between us and the server that reads it, somebody may decode it.
  if (is_in_path(occurrence.place) && has_dot_segment(text)) return bad(occurrence, no_dots);
  bool untouched = true;  // so that js writes 7 and not "7" for a number
  for (const Operand& operand : occurrence.operands) {
    if (untouched && operand.transform == Transform::json_text && !value.is_string()) {
      text = to_json(value);
    } else {
      auto transformed = apply(occurrence, operand.transform, std::move(text));
      if (!transformed) return transformed;
      text = std::move(*transformed);
    }
    untouched = untouched && !encodes(operand.transform);
  }
  if (!encoding || needs_percents(occurrence)) {
    text = encoded_for(occurrence.place, std::move(text), value);
  }
  if (auto checked = check_place(occurrence, text); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return text;
}

Result<json::value> typed_insertion(const Placeholder& occurrence, const json::value& value) {
  if (value.is_null()) return value;
  json::value result = value;
  for (const Operand& operand : occurrence.operands) {
    switch (operand.transform) {
      case Transform::json_value: {
        if (!result.is_string()) break;
        auto parsed = parse_foreign(result.get_string());
        if (!parsed) return bad(occurrence, "must be valid JSON");
        result = std::move(*parsed);
        break;
      }
      case Transform::uri_component:
      case Transform::one_line:
      case Transform::trimmed: {
        auto text = apply(occurrence, operand.transform, to_text(result));
        if (!text) return std::unexpected(std::move(text.error()));
        result = json::value(*text);
        break;
      }
      default:
        break;  // they quote
    }
  }
  return result;
}

}  // namespace bellpull
