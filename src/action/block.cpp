#include "action/block.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <expected>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "action/action.h"
#include "action/placeholder.h"
#include "action/shape.h"
#include "action/template.h"
#include "action/yaml_template.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

const ActionShape unknown_shape{.main = "text"};

const ActionShape& shape_of(const Action* action) {
  return action == nullptr ? unknown_shape : action->shape();
}

// "/timeout=5" is a number and "/flag" is true (reference, "Fence header").
Result<TemplateValue> option_value(std::string_view text) {
  if (text == "true") return TemplateValue{json::value(true)};
  if (text == "false") return TemplateValue{json::value(false)};
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc{} && end == text.data() + text.size()) {
    return TemplateValue{json::value(whole)};
  }
  auto segments = read_segments(text);
  if (!segments) return std::unexpected(std::move(segments.error()));
  return TemplateValue{std::move(*segments)};
}

bool names_field(const ActionShape& shape, std::string_view key) {
  return shape.has(key) || key == "options";
}

// A map whose keys say that it is meant as the action's fields.
TemplateMap* as_fields(TemplateValue& root, const ActionShape& shape) {
  auto* const map = std::get_if<TemplateMap>(&root.value);
  if (map == nullptr) return nullptr;
  const bool known = std::ranges::any_of(*map, [&](const TemplateEntry& entry) {
    const std::string* const key = plain_text(entry.key);
    return key != nullptr && names_field(shape, *key);
  });
  return known ? map : nullptr;
}

// The same of a text that can't be read as one: its mistake is told, where a text of another kind
// would be taken as it is.
bool is_meant_as_fields(std::string_view text, const ActionShape& shape) {
  return std::ranges::any_of(yaml_root_keys(text),
                             [&](const std::string& key) { return names_field(shape, key); });
}

// "options" is a map of further fields (B.4).
void flatten_options(TemplateMap& input) {
  const auto options = std::ranges::find_if(input, [](const TemplateEntry& entry) {
    const std::string* const key = plain_text(entry.key);
    return key != nullptr && *key == "options" &&
           std::holds_alternative<TemplateMap>(entry.value.value);
  });
  if (options == input.end()) return;
  TemplateMap further = std::move(std::get<TemplateMap>(options->value.value));
  input.erase(options);
  std::ranges::move(further, std::back_inserter(input));
}

std::string known_fields(const ActionShape& shape) {
  std::vector<std::string_view> names{shape.main};
  names.insert(names.end(), shape.fields.begin(), shape.fields.end());
  names.push_back(timeout_field);
  names.push_back(concurrency_field);
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<void> check_secrets(const std::string& action, const std::string& field,
                           TemplateEntry& entry, const ActionShape& shape) {
  std::string misplaced;
  const bool taken = shape.takes_secrets(field);
  const auto look = [&](const Placeholder& placeholder) {
    if (!placeholder.server_side || !placeholder.name.starts_with("SECRET_")) return;
    const bool names_host =
        placeholder.place == Place::url_host || placeholder.place == Place::url_start;
    // Of an input with addresses, only the whole address may be a secret: that of a webhook.
    if (!taken || (names_host && field != "url")) misplaced = placeholder.name;
  };
  each_placeholder(entry.key, [&](Placeholder& placeholder) {
    if (placeholder.server_side) misplaced = placeholder.name;
  });
  each_placeholder(entry.value, look);
  if (misplaced.empty()) return {};
  const std::string allowed =
      shape.secret_fields.empty()
          ? fmt::format("{} takes no secrets", action)
          : fmt::format("{} takes secrets in {}", action, fmt::join(shape.secret_fields, ", "));
  return fail(ErrorCode::invalid,
              fmt::format("{} cannot stand in \"{}\": {}", misplaced, field, allowed));
}

Result<void> check_fields(const std::string& action, TemplateMap& input, const ActionShape& shape) {
  std::vector<std::string> unknown;
  std::set<std::string_view> seen;
  for (TemplateEntry& entry : input) {
    const std::string* const key = plain_text(entry.key);
    if (key != nullptr && !seen.insert(*key).second) {
      return fail(ErrorCode::invalid, fmt::format("{} has the field {} twice", action, *key));
    }
    if (key == nullptr || !shape.has(*key)) {
      unknown.push_back(key == nullptr ? "(a name that the model chooses)" : *key);
    } else if (auto checked = check_secrets(action, *key, entry, shape); !checked) {
      return checked;
    }
  }
  if (unknown.empty()) return {};
  return fail(ErrorCode::invalid, fmt::format("{} has no field {}; its fields are: {}", action,
                                              fmt::join(unknown, ", "), known_fields(shape)));
}

Segments text_segments(std::string_view text) {
  Segments segments;
  if (!text.empty()) segments.emplace_back(std::string(text));
  return segments;
}

}  // namespace

Result<Block> make_block(std::string action_name, TemplateMap input, const Action* action) {
  Block block{.action = std::move(action_name), .input = std::move(input)};
  flatten_options(block.input);
  const ActionShape& shape = shape_of(action);
  block.bound = shape.bound;
  if (action != nullptr) {
    block.chosen_host = action->mark(block.input);
    if (auto checked = check_fields(block.action, block.input, shape); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
  }
  return block;
}

Result<Block> read_block(std::string action_name, std::string_view text,
                         const json::object& options, const Action* action) {
  const ActionShape& shape = shape_of(action);
  TemplateMap input;
  auto yaml = shape.fields.empty() ? Result<YamlTemplate>{fail(ErrorCode::invalid, "a text")}
                                   : read_yaml_template(text);
  if (TemplateMap* const fields = yaml ? as_fields(yaml->root, shape) : nullptr) {
    input = std::move(*fields);
  } else if (!yaml && !shape.fields.empty() && is_meant_as_fields(text, shape)) {
    return std::unexpected(std::move(yaml.error()));
  } else {
    auto segments = read_segments(text);
    if (!segments) return std::unexpected(std::move(segments.error()));
    if (!segments->empty()) {
      input.push_back({text_segments(shape.main), false, TemplateValue{std::move(*segments)}});
    }
  }
  flatten_options(input);
  for (const auto& option : options) {
    const std::string_view key = option.key();
    auto value = option_value(option.value().as_string());
    if (!value) return std::unexpected(std::move(value.error()));
    if (TemplateValue* const known = find_entry(input, key)) {
      *known = std::move(*value);
    } else {
      input.push_back({text_segments(key), false, std::move(*value)});
    }
  }
  return make_block(std::move(action_name), std::move(input), action);
}

}  // namespace bellpull
