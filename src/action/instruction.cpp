#include "action/instruction.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/fetch_places.h"
#include "action/instruction_form.h"
#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view supported =
    "An ability runs when its instruction is exactly one fenced block that names an action; plain "
    "text is given to the model to read";

std::string_view why_unsupported(Form form) {
  switch (form) {
    case Form::empty:
      return "This ability has no instruction";
    case Form::catalogue:
      return "Templates of the catalogue (@name) are not part of this server";
    case Form::structured:
      return "Structured instructions (!action with typed fields) are not supported yet";
    case Form::complex:
      return "Instructions of several blocks, or with text around a block, are not supported yet";
    case Form::unclosed:
      return "The block of this instruction is not closed";
    case Form::simple:
    case Form::prose:
      break;
  }
  return "";
}

Result<std::vector<Instruction::Segment>> read_segments(std::string_view text) {
  std::vector<Instruction::Segment> segments;
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

// What a further occurrence of a name adds to what is known of it.
Result<void> merge(Placeholder& known, const Placeholder& other) {
  if (other.type != FieldType::text) {
    if (known.type != FieldType::text && known.type != other.type) {
      return fail(ErrorCode::invalid, fmt::format("The field \"{}\" has two types", known.name));
    }
    known.type = other.type;
  }
  known.required = known.required || other.required;
  if (known.choices.empty()) known.choices = other.choices;
  if (!known.least) known.least = other.least;
  if (!known.most) known.most = other.most;
  if (!known.default_text) known.default_text = other.default_text;
  if (known.format.empty()) known.format = other.format;
  if (known.removed.empty()) known.removed = other.removed;
  if (known.description.empty()) known.description = other.description;
  return {};
}

Result<std::vector<Placeholder>> collect_fields(const std::vector<Instruction::Segment>& segments) {
  std::vector<Placeholder> fields;
  for (const Instruction::Segment& segment : segments) {
    const auto* const field = std::get_if<Placeholder>(&segment);
    if (field == nullptr || field->server_side) continue;
    const auto known = std::ranges::find(fields, field->name, &Placeholder::name);
    if (known == fields.end()) {
      fields.push_back(*field);
    } else if (auto merged = merge(*known, *field); !merged) {
      return std::unexpected(std::move(merged.error()));
    }
  }
  for (const Placeholder& field : fields) {
    if (!field.default_text) continue;
    if (auto value = accept_value(field, nullptr); !value) return std::unexpected(value.error());
  }
  return fields;
}

json::object property(const Placeholder& field) {
  json::object schema;
  schema["type"] = field.type == FieldType::number    ? "number"
                   : field.type == FieldType::boolean ? "boolean"
                                                      : "string";
  if (!field.description.empty()) schema["description"] = field.description;
  if (!field.choices.empty()) {
    json::array& choices = schema["enum"].emplace_array();
    for (const std::string& choice : field.choices) {
      const json::value text(choice);
      choices.push_back(accept_value(field, &text).value_or(text));
    }
  }
  const bool text = field.type == FieldType::text;
  const auto set_limit = [&](std::string_view name, const std::optional<double>& limit) {
    if (!limit) return;
    const auto whole = static_cast<std::int64_t>(*limit);
    schema[name] = static_cast<double>(whole) == *limit ? json::value(whole) : json::value(*limit);
  };
  set_limit(text ? "minLength" : "minimum", field.least);
  set_limit(text ? "maxLength" : "maximum", field.most);
  if (!field.format.empty()) schema["format"] = field.format;
  if (field.default_text) schema["default"] = accept_value(field, nullptr).value_or(nullptr);
  return schema;
}

std::unexpected<Error> not_there(const Placeholder& field) {
  const bool secret = field.name.starts_with("SECRET_");
  return fail(
      ErrorCode::not_implemented,
      fmt::format("Nothing was sent: this ability uses {}, and {} are not available on this "
                  "server yet",
                  field.name, secret ? "secrets" : "such references"));
}

}  // namespace

json::object Instruction::parameters() const {
  json::object properties;
  json::array required;
  for (const Placeholder& field : fields_) {
    properties[field.name] = property(field);
    if (field.required && !field.default_text) required.emplace_back(field.name);
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Result<std::string> Instruction::fill(const json::object& arguments) const {
  for (const auto& argument : arguments) {
    if (std::ranges::find(fields_, std::string_view(argument.key()), &Placeholder::name) ==
        fields_.end()) {
      return fail(ErrorCode::invalid,
                  fmt::format("There is no parameter \"{}\"", std::string_view(argument.key())));
    }
  }
  std::unordered_map<std::string_view, json::value> values;
  for (const Placeholder& field : fields_) {
    auto value = accept_value(field, arguments.if_contains(field.name));
    if (!value) return std::unexpected(std::move(value.error()));
    values.emplace(field.name, std::move(*value));
  }
  std::string filled;
  for (const Segment& segment : segments_) {
    if (const auto* text = std::get_if<std::string>(&segment)) {
      filled += *text;
      continue;
    }
    const auto& field = std::get<Placeholder>(segment);
    if (field.server_side) return not_there(field);
    auto inserted = insertion(field, values.at(field.name));
    if (!inserted) return inserted;
    filled += *inserted;
  }
  return filled;
}

Instruction parse_instruction(std::string_view text) {
  Instruction instruction;
  const auto unsupported = [&](std::string_view why) {
    instruction.kind_ = InstructionKind::unsupported;
    instruction.text_ = fmt::format("{}. {}.", why, supported);
    return instruction;
  };
  InstructionForm form = detect_form(text);
  if (form.form == Form::prose) {
    instruction.text_ = text;
    return instruction;
  }
  if (form.form != Form::simple) return unsupported(why_unsupported(form.form));
  auto segments = read_segments(form.block);
  if (!segments) return unsupported(segments.error().message);
  auto fields = collect_fields(*segments);
  if (!fields) return unsupported(fields.error().message);
  instruction.kind_ = InstructionKind::simple;
  instruction.action_ = std::move(form.action);
  instruction.options_ = std::move(form.options);
  instruction.segments_ = std::move(*segments);
  instruction.fields_ = std::move(*fields);
  if (instruction.action_ == "fetch") mark_fetch_places(instruction.segments_);
  return instruction;
}

}  // namespace bellpull
