#include "action/yaml_template.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <expected>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/node.h>
#include <yaml-cpp/node/parse.h>
#include <yaml-cpp/yaml.h>  // IWYU pragma: keep

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/placeholder.h"
#include "action/template.h"
#include "action/yaml_field.h"
#include "action/yaml_outline.h"
#include "action/yaml_value.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Private characters around a placeholder's number; both are refused in an instruction.
constexpr std::string_view open_mark = "\xEE\x80\x80";
constexpr std::string_view close_mark = "\xEE\x80\x81";

constexpr std::size_t max_values = 10'000;

std::unexpected<Error> bad(const YAML::Node& node, std::string_view what) {
  return fail(ErrorCode::invalid,
              fmt::format("Line {} of the instruction {}", node.Mark().line + 1, what));
}

// In a leaf of a tree a value needs no quoting of its own: alone it is the leaf, and between an
// author's quotes it is already text.
void drop_quoting(Placeholder& field, bool alone) {
  std::erase_if(field.operands, [&](const Operand& operand) {
    switch (operand.transform) {
      case Transform::double_quotes_only:
      case Transform::single_quotes_only:
        return true;
      case Transform::json_text:
      case Transform::double_quoted:
      case Transform::single_quoted:
        return alone;
      default:
        return false;
    }
  });
}

class Reader {
 public:
  explicit Reader(std::vector<Placeholder> fields) : fields_(std::move(fields)) {}

  // As deep as the outline allows.
  Result<TemplateValue> value(const YAML::Node& node, bool is_root) {
    if (values_left_ == 0) return bad(node, "makes it too large");
    --values_left_;
    const std::string tag = is_root ? std::string{} : field_tag(node);
    if (!tag.empty()) return declared(node, tag);
    if (node.IsSequence()) return list(node);
    if (node.IsMap()) return map(node);
    return scalar(node);
  }

 private:
  Result<TemplateValue> list(const YAML::Node& node) {
    TemplateList list;
    for (const YAML::Node& element : node) {
      auto read = value(element, false);
      if (!read) return read;
      list.push_back(std::move(*read));
    }
    return TemplateValue{std::move(list)};
  }

  Result<TemplateValue> map(const YAML::Node& node) {
    TemplateMap map;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return bad(entry.first, "has a key that is no text");
      auto read = value(entry.second, false);
      if (!read) return read;
      std::string key = entry.first.Scalar();
      const bool only_with_value = key.size() > 1 && key.ends_with('?');
      if (only_with_value) key.pop_back();
      map.push_back({segments(key), only_with_value, std::move(*read)});
    }
    return TemplateValue{std::move(map)};
  }

  Result<TemplateValue> scalar(const YAML::Node& node) const {
    if (node.IsNull()) return TemplateValue{json::value(nullptr)};
    const bool is_plain = node.Tag() == "?" || node.Tag().empty();
    if (is_plain && node.Scalar().find(open_mark) == std::string::npos) {
      json::value literal = plain_yaml_scalar(node.Scalar());
      if (!literal.is_string()) return TemplateValue{std::move(literal)};
    }
    return TemplateValue{segments(node.Scalar())};
  }

  Result<TemplateValue> declared(const YAML::Node& node, const std::string& tag) {
    if (tag == "concat") return concatenated(node);
    auto field = read_yaml_field(node, tag, values_left_);
    if (!field) return std::unexpected(std::move(field.error()));
    Segments alone;
    alone.emplace_back(std::move(*field));
    return TemplateValue{std::move(alone)};
  }

  Result<TemplateValue> concatenated(const YAML::Node& node) {
    if (!node.IsSequence()) return bad(node, "has a !concat that is no list");
    Segments all;
    for (const YAML::Node& element : node) {
      auto read = value(element, false);
      if (!read) return read;
      if (auto* const text = std::get_if<Segments>(&read->value)) {
        std::ranges::move(*text, std::back_inserter(all));
      } else if (element.IsScalar()) {
        all.emplace_back(element.Scalar());
      } else {
        return bad(element, "has a !concat of more than texts");
      }
    }
    return TemplateValue{std::move(all)};
  }

  Segments segments(std::string_view text) const {
    Segments result;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t mark = text.find(open_mark, at);
      if (mark > at) result.emplace_back(std::string(text.substr(at, mark - at)));
      if (mark == std::string_view::npos) break;
      const std::size_t end = text.find(close_mark, mark);
      std::size_t number = 0;
      const char* const digits = text.data() + mark + open_mark.size();
      std::from_chars(digits, text.data() + end, number);
      result.emplace_back(fields_.at(number));
      at = end + close_mark.size();
    }
    const bool alone = result.size() == 1;
    each_placeholder(result, [&](Placeholder& field) { drop_quoting(field, alone); });
    return result;
  }

  const std::vector<Placeholder> fields_;
  std::size_t values_left_ = max_values;
};

struct MarkedText {
  std::string text;
  std::vector<Placeholder> fields;  // by the numbers in it
};

Result<MarkedText> mark_fields(std::string_view text) {
  if (text.contains(open_mark) || text.contains(close_mark)) {
    return fail(ErrorCode::invalid,
                "The instruction holds the private characters U+E000 or U+E001");
  }
  auto pieces = read_segments(text);
  if (!pieces) return std::unexpected(std::move(pieces.error()));
  MarkedText marked;
  for (Segment& piece : *pieces) {
    if (auto* const literal = std::get_if<std::string>(&piece)) {
      marked.text += *literal;
    } else {
      marked.text += fmt::format("{}{}{}", open_mark, marked.fields.size(), close_mark);
      marked.fields.push_back(std::move(std::get<Placeholder>(piece)));
    }
  }
  return marked;
}

}  // namespace

Result<YamlTemplate> read_yaml_template(std::string_view text) {
  auto marked = mark_fields(text);
  if (!marked) return std::unexpected(std::move(marked.error()));
  if (YamlOutline outline = outline_yaml(marked->text); !outline.refusal.empty()) {
    return fail(ErrorCode::invalid, std::move(outline.refusal));
  }
  try {
    YAML::Node root = YAML::Load(marked->text);
    std::string action = root_tag(root);
    if (action.empty() && root.IsMap() && root["action"]) {
      const YAML::Node named = root["action"];
      action = root_tag(named);
      if (!action.empty()) root.reset(named);
    }
    Reader reader{std::move(marked->fields)};
    auto read = reader.value(root, true);
    if (!read) return std::unexpected(std::move(read.error()));
    return YamlTemplate{std::move(action), std::move(*read)};
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::invalid, fmt::format("Line {} of the instruction is no YAML: {}",
                                                error.mark.line + 1, error.msg));
  }
}

std::vector<std::string> yaml_root_keys(std::string_view text) {
  const auto marked = mark_fields(text);
  return marked ? outline_yaml(marked->text).root_keys : std::vector<std::string>{};
}

}  // namespace bellpull
