#include "api/field_value.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "schedule/nearest_name.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_meta_bytes = std::size_t{64} * 1024;
// Of a time on input, in ms: the years 1 to 9999, which ISO 8601 can write.
constexpr std::int64_t min_time_ms = -62'135'596'800'000;
constexpr std::int64_t max_time_ms = 253'402'300'799'999;

std::unexpected<Error> invalid(std::string_view name, std::string_view rule,
                               std::string hint = {}) {
  return fail(ErrorCode::invalid, fmt::format("{} {}", name, rule), std::move(hint));
}

// A JSON number without a fraction: 3600000.0 is one too.
std::optional<std::int64_t> whole_number(const json::value& given) {
  if (given.is_int64()) return given.get_int64();
  if (given.is_uint64() &&
      given.get_uint64() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return static_cast<std::int64_t>(given.get_uint64());
  }
  constexpr double exact = 9007199254740992.0;  // beyond it a double skips whole numbers
  if (given.is_double() && std::abs(given.get_double()) <= exact &&
      std::trunc(given.get_double()) == given.get_double()) {
    return static_cast<std::int64_t>(given.get_double());
  }
  return std::nullopt;
}

std::string quoted_list(std::span<const std::string_view> choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += fmt::format("\"{}\"", choices[i]);
  }
  return text;
}

bool is_alias_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Keys that start with '_' are the server's own.
Result<void> check_meta_keys(std::string_view name, const json::object& members) {
  std::string found;
  for (const auto& member : members) {
    const std::string_view key = member.key();
    if (!key.starts_with('_')) continue;
    found += fmt::format("{}\"{}\"", found.empty() ? "" : ", ", key);
  }
  if (found.empty()) return {};
  return invalid(name, "must not have keys that start with \"_\": " + found);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Every byte but the continuations of UTF-8.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

Result<std::string> read_text(std::string_view name, const FieldShape& shape,
                              const json::value& given) {
  if (given.is_null()) return std::string{};
  if (!given.is_string()) return invalid(name, "must be a string");
  const std::string_view text = given.get_string();
  if (shape.max_bytes > 0 && text.size() > shape.max_bytes) {
    return invalid(name, fmt::format("must be at most {} bytes", shape.max_bytes));
  }
  if (shape.max_characters > 0 && characters(text) > shape.max_characters) {
    return invalid(name, fmt::format("must be at most {} characters", shape.max_characters));
  }
  return std::string{text};
}

Result<std::optional<std::string>> read_optional_text(std::string_view name,
                                                      const FieldShape& shape,
                                                      const json::value& given) {
  const Result<std::string> text = read_text(name, shape, given);
  if (!text) return std::unexpected(text.error());
  const std::string_view value = trimmed(*text);
  if (value.empty()) return std::nullopt;
  return std::string{value};
}

Result<std::optional<std::string>> read_alias(std::string_view name, const FieldShape& shape,
                                              const json::value& given) {
  Result<std::string> text = read_text(name, {}, given);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return std::nullopt;
  if (text->size() > shape.max_bytes || !std::ranges::all_of(*text, is_alias_character)) {
    return invalid(name, fmt::format("must be at most {} characters of a-z, 0-9, \"_\" and \"-\"",
                                     shape.max_bytes));
  }
  return std::move(*text);
}

Result<bool> read_boolean(std::string_view name, const FieldShape& /*shape*/,
                          const json::value& given) {
  if (!given.is_bool()) return invalid(name, "must be true or false");
  return given.get_bool();
}

Result<std::optional<std::int64_t>> read_optional_integer(std::string_view name,
                                                          const FieldShape& shape,
                                                          const json::value& given) {
  if (given.is_null()) return std::nullopt;
  const auto number = whole_number(given);
  if (!number || *number < shape.minimum || *number > shape.maximum) {
    return invalid(name,
                   fmt::format("must be an integer from {} to {}", shape.minimum, shape.maximum));
  }
  return *number;
}

Result<std::optional<double>> read_optional_number(std::string_view name, const FieldShape& shape,
                                                   const json::value& given) {
  if (given.is_null()) return std::nullopt;
  const auto minimum = static_cast<double>(shape.minimum);
  if (!given.is_number() || !(given.to_number<double>() >= minimum)) {
    return invalid(name, fmt::format("must be a number of at least {}", shape.minimum));
  }
  return given.to_number<double>();
}

Result<std::optional<TimePoint>> read_optional_time(std::string_view name,
                                                    const FieldShape& /*shape*/,
                                                    const json::value& given) {
  if (given.is_null()) return std::nullopt;
  const auto ms = whole_number(given);
  if (ms && *ms >= min_time_ms && *ms <= max_time_ms) return from_ms(*ms);
  if (given.is_string()) {
    if (given.get_string().empty()) return std::nullopt;
    if (const auto time = parse_iso(given.get_string())) return *time;
  }
  return invalid(name, "must be a time: milliseconds since 1970, or ISO 8601 text",
                 "for example \"2026-01-31T12:00:00Z\"");
}

Result<std::size_t> find_choice(std::string_view name, std::span<const std::string_view> choices,
                                std::string_view text) {
  const auto found = std::ranges::find(choices, text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string hint;
  if (const auto near = nearest_name(text, choices))
    hint = fmt::format("did you mean \"{}\"?", *near);
  return invalid(name, "must be " + quoted_list(choices), std::move(hint));
}

Result<std::size_t> read_choice(std::string_view name, const FieldShape& shape,
                                const json::value& given) {
  if (given.is_null()) return 0;
  if (!given.is_string()) return invalid(name, "must be " + quoted_list(shape.choices));
  return find_choice(name, shape.choices, given.get_string());
}

Result<MetaChange> read_meta(std::string_view name, const FieldShape& /*shape*/,
                             const json::value& given) {
  if (given.is_null()) return MetaChange{.members = "{}"};
  if (!given.is_object()) return invalid(name, "must be an object");
  const json::object* members = &given.get_object();
  const json::value* update = members->if_contains("$update");
  if (update != nullptr) {
    if (members->size() > 1) return invalid(name, "must not have \"$update\" beside other keys");
    if (!update->is_object()) return invalid(name, "must have an object as \"$update\"");
    members = &update->get_object();
  }
  if (auto checked = check_meta_keys(name, *members); !checked) {
    return std::unexpected(checked.error());
  }
  return MetaChange{.merges = update != nullptr, .members = json::serialize(*members)};
}

Result<std::string> apply_meta(std::string_view name, const MetaChange& change,
                               std::string_view kept) {
  std::string after = change.members;
  if (change.merges) {
    json::object merged = parse_stored(kept);
    for (const auto& member : parse_stored(change.members)) {
      merged.insert_or_assign(member.key(), member.value());
    }
    after = json::serialize(merged);
  }
  if (after.size() > max_meta_bytes) {
    return invalid(name, fmt::format("must be at most {} bytes as JSON", max_meta_bytes));
  }
  return after;
}

Error names_field(Error error, std::string_view name, std::string_view text) {
  if (error.hint.empty()) error.hint = fmt::format("{} is \"{}\"", name, text);
  return error;
}

}  // namespace bellpull
