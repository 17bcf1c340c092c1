#include "action/instruction.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "action/action_set.h"
#include "action/block.h"
#include "action/catalogue.h"
#include "action/instruction_form.h"
#include "action/placeholder.h"
#include "action/template.h"
#include "action/yaml_template.h"
#include "base/result.h"
#include "base/text.h"

namespace bellpull {

namespace json = boost::json;

namespace {

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
  if (known.schema.empty()) known.schema = other.schema;
  return {};
}

json::object property(const Placeholder& field) {
  json::object schema = field.schema;
  if (schema.empty()) {
    schema["type"] = field.type == FieldType::number    ? "number"
                     : field.type == FieldType::boolean ? "boolean"
                                                        : "string";
  }
  if (!field.description.empty()) schema["description"] = field.description;
  if (!field.choices.empty() && !schema.contains("enum")) {
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

}  // namespace

json::object Instruction::parameters() const {
  json::object properties;
  json::array required;
  for (const Placeholder& field : fields_) {
    if (fixed_.contains(field.name)) continue;
    properties[field.name] = property(field);
    if (field.required && !field.default_text) required.emplace_back(field.name);
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Result<FieldValues> Instruction::accept(const json::object& arguments) const {
  for (const auto& argument : arguments) {
    const std::string_view name = argument.key();
    const bool known = std::ranges::find(fields_, name, &Placeholder::name) != fields_.end();
    if (!known || fixed_.contains(name)) {
      return fail(ErrorCode::invalid, fmt::format("There is no parameter \"{}\"", name));
    }
  }
  FieldValues values;
  for (const Placeholder& field : fields_) {
    const json::value* const fixed = fixed_.if_contains(field.name);
    auto value = accept_value(field, fixed != nullptr ? fixed : arguments.if_contains(field.name));
    if (!value) return std::unexpected(std::move(value.error()));
    values.emplace(field.name, std::move(*value));
  }
  return values;
}

// Makes an Instruction of a text; exists to carry the set of actions through the forms.
class InstructionReader {
 public:
  explicit InstructionReader(const ActionSet& actions) : actions_(actions) {}

  Instruction read(std::string_view text) const {
    Instruction instruction;
    if (auto read = fill(instruction, text); !read) {
      instruction.kind_ = InstructionKind::unsupported;
      instruction.text_ = read.error().message + ".";
      instruction.blocks_.clear();
      instruction.fields_.clear();
    }
    return instruction;
  }

 private:
  Result<void> fill(Instruction& instruction, std::string_view text) const {
    InstructionForm form = detect_form(text);
    switch (form.form) {
      case Form::prose:
        instruction.text_ = text;
        return {};
      case Form::empty:
        return fail(ErrorCode::invalid, "This ability has no instruction");
      case Form::unclosed:
        return fail(ErrorCode::invalid, "A block of this instruction is not closed");
      case Form::catalogue:
        return from_catalogue(instruction, text);
      case Form::structured:
        return from_structure(instruction, text);
      case Form::blocks:
        break;
    }
    instruction.text_ = std::move(form.around);
    for (FencedBlock& fenced : form.blocks) {
      const Action* const action = actions_.find(fenced.action);
      auto block = read_block(std::move(fenced.action), fenced.text, fenced.options, action);
      if (!block) return std::unexpected(std::move(block.error()));
      instruction.blocks_.push_back(std::move(*block));
    }
    return finish(instruction);
  }

  Result<void> from_catalogue(Instruction& instruction, std::string_view text) const {
    auto use = read_catalogue_use(trim(text));
    if (!use) return std::unexpected(std::move(use.error()));
    const auto known = catalogue_instruction(use->name);
    if (!known) {
      return fail(ErrorCode::invalid,
                  fmt::format("There is no template \"{}\"; this server knows: {}", use->name,
                              fmt::join(catalogue_names(), ", ")));
    }
    if (auto filled = fill(instruction, *known); !filled) return filled;
    instruction.fixed_ = std::move(use->fixed);
    return check_fixed(instruction, use->name);
  }

  // An author's mistake is told whenever the ability is called, not only by this argument.
  static Result<void> check_fixed(const Instruction& instruction, const std::string& name) {
    for (const auto& parameter : instruction.fixed_) {
      const std::string_view key = parameter.key();
      const auto field = std::ranges::find(instruction.fields_, key, &Placeholder::name);
      if (field == instruction.fields_.end()) {
        return fail(ErrorCode::invalid,
                    fmt::format("The template {} has no parameter \"{}\"", name, key));
      }
      if (auto value = accept_value(*field, &parameter.value()); !value) {
        return std::unexpected(std::move(value.error()));
      }
    }
    return {};
  }

  // The root, or its key "action", carries the action's tag.
  Result<void> from_structure(Instruction& instruction, std::string_view text) const {
    auto yaml = read_yaml_template(text);
    if (!yaml) return std::unexpected(std::move(yaml.error()));
    if (yaml->action.empty()) {
      return fail(ErrorCode::invalid, "This structured instruction names no action");
    }
    const Action* const action = actions_.find(yaml->action);
    TemplateMap input;
    if (auto* const map = std::get_if<TemplateMap>(&yaml->root.value)) {
      input = std::move(*map);
    } else if (action != nullptr) {
      Segments key;
      key.emplace_back(std::string{action->shape().main});
      input.push_back({std::move(key), false, std::move(yaml->root)});
    }
    auto block = make_block(std::move(yaml->action), std::move(input), action);
    if (!block) return std::unexpected(std::move(block.error()));
    instruction.blocks_.push_back(std::move(*block));
    return finish(instruction);
  }

  Result<void> finish(Instruction& instruction) const {
    for (const Block& block : instruction.blocks_) {
      const Action* const action = actions_.find(block.action);
      if (action == nullptr || !action->shape().waits || instruction.blocks_.size() == 1) continue;
      return fail(ErrorCode::invalid,
                  fmt::format("{} may wait, so it must be the only block of its instruction; give "
                              "what follows an ability of its own",
                              block.action));
    }
    Result<void> merged;
    const auto note = [&](const Placeholder& field) {
      if (!merged) return;
      if (field.server_side) {
        if (std::ranges::find(instruction.server_names_, field.name) ==
            instruction.server_names_.end()) {
          instruction.server_names_.push_back(field.name);
        }
        return;
      }
      const auto known = std::ranges::find(instruction.fields_, field.name, &Placeholder::name);
      if (known == instruction.fields_.end()) {
        instruction.fields_.push_back(field);
      } else {
        merged = merge(*known, field);
      }
    };
    for (Block& block : instruction.blocks_) {
      for (TemplateEntry& entry : block.input) {
        each_placeholder(entry.key, note);
        each_placeholder(entry.value, note);
      }
    }
    if (!merged) return merged;
    for (const Placeholder& field : instruction.fields_) {
      if (!field.default_text) continue;
      if (auto value = accept_value(field, nullptr); !value) return std::unexpected(value.error());
    }
    instruction.kind_ = InstructionKind::runs;
    return {};
  }

  const ActionSet& actions_;
};

Instruction parse_instruction(std::string_view text, const ActionSet& actions) {
  return InstructionReader{actions}.read(text);
}

}  // namespace bellpull
