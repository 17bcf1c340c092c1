#include "action/placeholder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "action/character_class.h"
#include "base/result.h"
#include "base/text.h"

namespace bellpull {

namespace {

struct Family {
  std::string_view open;
  std::string_view close;
  bool server_names = false;  // knows ${SECRET_X}
  bool strict = false;        // "$" means a placeholder; double brackets may be anything
};

constexpr auto families = std::to_array<Family>({{"$[", "]", false, true},
                                                 {"$(", ")", false, true},
                                                 {"${", "}", true, true},
                                                 {"[[", "]]", false, false},
                                                 {"((", "))", false, false},
                                                 {"{{", "}}", true, false}});

constexpr auto server_prefixes = std::to_array<std::string_view>(
    {"EARTH_", "SECRET_", "FILE_", "BOT_", "SPACE_", "TASK_", "USER_", "CONVERSATION_", "CONTACT_",
     "NAMESPACE_", "EXTERNAL_", "BLUEPRINT_", "SKILLSET_", "ABILITY_"});

// Beside the secrets: ids that this server gave. Every other name is a claim.
constexpr auto own_ids =
    std::to_array<std::string_view>({"BOT_DEFAULT", "FILE_DEFAULT", "SKILLSET_DEFAULT",
                                     "ABILITY_DEFAULT", "BLUEPRINT_DEFAULT", "CONVERSATION_ID"});

struct NamedTransform {
  std::string_view name;
  Transform transform;
};
constexpr auto transforms = std::to_array<NamedTransform>({{"euc", Transform::uri_component},
                                                           {"js", Transform::json_text},
                                                           {"ys", Transform::json_text},
                                                           {"j", Transform::json_value},
                                                           {"y", Transform::json_value},
                                                           {"dq", Transform::double_quoted},
                                                           {"sq", Transform::single_quoted},
                                                           {"edq", Transform::double_quotes_only},
                                                           {"esq", Transform::single_quotes_only},
                                                           {"rn", Transform::one_line},
                                                           {"trim", Transform::trimmed}});

constexpr std::size_t max_name_bytes = 64;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_byte(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && std::string_view(" \t\r\n").contains(text.front())) text.remove_prefix(1);
}

std::string_view take_while(std::string_view& text, bool (*wanted)(char)) {
  std::size_t size = 0;
  while (size < text.size() && wanted(text[size])) ++size;
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

// "<a,b>", in any of the four kinds of brackets; brackets of the same kind may nest.
std::optional<std::string_view> take_value(std::string_view& text) {
  constexpr std::string_view opening = "<[{(";
  constexpr std::string_view closing = ">]})";
  const std::size_t kind = text.empty() ? std::string_view::npos : opening.find(text.front());
  if (kind == std::string_view::npos) return std::nullopt;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == opening[kind]) ++depth;
    if (text[i] == closing[kind] && --depth == 0) {
      const std::string_view value = text.substr(1, i - 1);
      text.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::unexpected<Error> bad(const Placeholder& field, std::string_view what) {
  return fail(ErrorCode::invalid, fmt::format("The field \"{}\" {}", field.name, what));
}

std::vector<std::string> split_choices(std::string_view text) {
  std::vector<std::string> choices;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    choices.emplace_back(trim(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return choices;
}

Result<void> apply_constraint(Placeholder& field, std::string_view name, std::string_view value) {
  if (name == "enum") {
    field.choices = split_choices(value);
  } else if (name == "min" || name == "max") {
    const auto limit = number(trim(value));
    if (!limit) return bad(field, "has a limit that is no number");
    (name == "min" ? field.least : field.most) = limit;
  } else if (name == "default") {
    field.default_text = value;
  } else if (name == "format") {
    field.format = value;
  } else if (name == "sanitize") {
    if (!CharacterClass::parse(value)) {
      return bad(field,
                 "can be sanitized by one character class only, such as sanitize<[^a-z0-9]>");
    }
    field.removed = value;
  } else {
    return bad(field, fmt::format("has the unknown operand \"{}\"", name));
  }
  return {};
}

Result<void> apply_operand(Placeholder& field, std::string_view name, bool only_with_value,
                           std::optional<std::string_view> value) {
  if (value) return apply_constraint(field, name, *value);
  const auto* const known = std::ranges::find(transforms, name, &NamedTransform::name);
  if (known != transforms.end()) {
    field.operands.push_back({known->transform, only_with_value});
  } else if (name == "num" || name == "number") {
    field.type = FieldType::number;
  } else if (name == "bool" || name == "boolean") {
    field.type = FieldType::boolean;
  } else if (name != "local") {  // a hint for the original's editor
    return bad(field, fmt::format("has the unknown operand \"{}\"", name));
  }
  return {};
}

// "!name?" up to the operands. False when this is no placeholder at all.
bool take_name(std::string_view& text, Placeholder& field) {
  skip_blanks(text);
  field.required = take(text, "!");
  if (text.empty() || (!is_letter(text.front()) && text.front() != '_')) return false;
  field.name = take_while(text, is_name_byte);
  if (field.name.size() > max_name_bytes) return false;
  if (take(text, "!")) {
    field.required = true;
  } else if (take(text, "?")) {
    field.required = false;
  }
  return true;
}

// Operands and description up to the closing bracket. False when it never closes.
Result<bool> take_rest(std::string_view& text, std::string_view close, Placeholder& field) {
  for (;;) {
    skip_blanks(text);
    if (take(text, close)) return true;
    if (take(text, "|") || take(text, ":")) {
      const std::size_t end = text.find(close);
      if (end == std::string_view::npos) return false;
      field.description = trim(text.substr(0, end));
      text.remove_prefix(end + close.size());
      return true;
    }
    bool only_with_value = take(text, "?");
    const std::string_view name = take_while(text, is_letter);
    if (name.empty()) return bad(field, "has an operand that is none");
    only_with_value = take(text, "?") || only_with_value;
    const bool at_close = text.starts_with(close);
    const auto value = at_close ? std::nullopt : take_value(text);
    if (auto applied = apply_operand(field, name, only_with_value, value); !applied) {
      return std::unexpected(std::move(applied.error()));
    }
  }
}

}  // namespace

bool is_server_name(std::string_view name) {
  return std::ranges::any_of(server_prefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_chosen_by_caller(const Placeholder& field) {
  if (!field.server_side) return true;
  return !field.name.starts_with("SECRET_") &&
         std::ranges::find(own_ids, field.name) == own_ids.end();
}

std::optional<Result<ReadPlaceholder>> read_placeholder(std::string_view text) {
  const auto* const family =
      std::ranges::find_if(families, [&](const Family& one) { return text.starts_with(one.open); });
  if (family == families.end()) return std::nullopt;
  std::string_view rest = text.substr(family->open.size());
  Placeholder field;
  if (!take_name(rest, field)) return std::nullopt;
  field.server_side = family->server_names && is_server_name(field.name);
  const auto closed = take_rest(rest, family->close, field);
  if (!closed && family->strict) return std::unexpected(closed.error());
  if (!closed || !*closed) return std::nullopt;
  const std::size_t length = text.size() - rest.size();
  return ReadPlaceholder{.field = std::move(field), .length = length};
}

}  // namespace bellpull
