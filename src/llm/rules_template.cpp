#include "llm/rules_template.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "llm/rules_facts.h"
#include "llm/rules_path.h"
#include "llm/rules_problem.h"
#include "llm/rules_value.h"
#include "llm/rules_yaml.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// Where `wanted` stands outside of quotes; npos when it does not, or when a quote stays open.
std::size_t find_unquoted(std::string_view text, std::string_view wanted) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with(wanted)) return at;
    if (text[at] != '"' && text[at] != '\'') continue;
    at = text.find(text[at], at + 1);
    if (at == std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

std::optional<std::string_view> quoted(std::string_view text) {
  if (text.size() < 2 || (text.front() != '"' && text.front() != '\'')) return std::nullopt;
  if (text.find(text.front(), 1) != text.size() - 1) return std::nullopt;
  return text.substr(1, text.size() - 2);
}

json::value literal(std::string_view text) {
  if (const auto inside = quoted(text)) return json::value(*inside);
  return text == "null" ? json::value() : plain_value(text);
}

}  // namespace

RulesResult<void> RulesRoom::take(std::size_t bytes, int line) {
  if (bytes > left_) {
    return rules_fault(line, "what is to be written here has more than " + std::to_string(limit_) +
                                 " bytes, or has it together with what was written before");
  }
  left_ -= bytes;
  return {};
}

std::optional<RulesText::Part> RulesText::read_place(std::string_view inside, int line,
                                                     const RulesScope& scope,
                                                     RulesProblems& problems) {
  const std::string whole = "`{{" + shown(inside) + "}}`";
  const std::size_t bar = find_unquoted(inside, "|");
  const std::string_view name = trimmed(inside.substr(0, bar));
  if (bar == std::string_view::npos) {
    if (const auto text = quoted(name)) return std::string{*text};
  }
  auto path = RulesPath::parse(name);
  if (!path) {
    problems.add(line, "in " + whole + ": " + path.error().message);
    return std::nullopt;
  }
  if (!scope.knows(path->root())) {
    problems.add(line, "in " + whole + ": `" + path->root() + "` is not known here; known are " +
                           scope.names());
    return std::nullopt;
  }
  RulesReference reference{.path = std::move(*path), .fallback = std::nullopt};
  if (bar == std::string_view::npos) return reference;
  constexpr std::string_view filter = "default:";
  const std::string_view rest = trimmed(inside.substr(bar + 1));
  if (!rest.starts_with(filter)) {
    problems.add(line, "in " + whole + ": after | only `default: value` is known");
    return std::nullopt;
  }
  reference.fallback = literal(trimmed(rest.substr(filter.size())));
  return reference;
}

RulesText RulesText::read(const RulesNode& scalar, const RulesScope& scope,
                          RulesProblems& problems) {
  RulesText text;
  text.line_ = scalar.line;
  std::string_view rest = scalar.text;
  while (!rest.empty()) {
    const std::size_t begin = std::min(rest.find(opening), rest.size());
    if (begin > 0) text.parts_.emplace_back(std::string{rest.substr(0, begin)});
    rest.remove_prefix(begin);
    if (rest.empty()) break;
    const std::string_view inside = rest.substr(opening.size());
    const std::size_t end = find_unquoted(inside, closing);
    if (end == std::string_view::npos) {
      problems.add(scalar.line, "`" + shown(rest) + "` is not closed; a place ends with }}");
      break;
    }
    if (auto part = read_place(inside.substr(0, end), scalar.line, scope, problems)) {
      text.parts_.push_back(std::move(*part));
    }
    rest = inside.substr(end + closing.size());
  }
  return text;
}

RulesResult<json::value> RulesText::found(const RulesReference& reference, const RulesFacts& facts,
                                          RulesRoom& room) const {
  const json::value* value = facts.find(reference.path);
  if (value == nullptr && reference.fallback) value = &*reference.fallback;
  if (value == nullptr) {
    return rules_fault(line_, facts.why_missing(reference.path) +
                                  "; ask for it with `exists` first, or write {{ " +
                                  reference.path.text() + " | default: ... }}");
  }
  // Measured before it is copied.
  const std::size_t bytes =
      value->is_string() ? value->get_string().size() : inserted_text(*value).size();
  if (auto fits = room.take(bytes, line_); !fits) return std::unexpected(fits.error());
  return *value;
}

RulesResult<std::string> RulesText::text(const RulesFacts& facts, RulesRoom& room) const {
  std::string text;
  for (const Part& part : parts_) {
    if (const auto* written = std::get_if<std::string>(&part)) {
      if (auto fits = room.take(written->size(), line_); !fits) {
        return std::unexpected(fits.error());
      }
      text += *written;
      continue;
    }
    const auto value = found(std::get<RulesReference>(part), facts, room);
    if (!value) return std::unexpected(value.error());
    // A default of null stands for no text.
    if (!value->is_null()) text += inserted_text(*value);
  }
  return text;
}

RulesResult<json::value> RulesText::value(const RulesFacts& facts, RulesRoom& room) const {
  if (parts_.size() == 1) {
    const auto* reference = std::get_if<RulesReference>(&parts_.front());
    if (reference != nullptr) return found(*reference, facts, room);
  }
  auto whole = text(facts, room);
  if (!whole) return std::unexpected(std::move(whole.error()));
  return json::value(*whole);
}

RulesValue RulesValue::read(const RulesNode& node, const RulesScope& scope,
                            RulesProblems& problems) {
  RulesValue value;
  switch (node.kind) {
    case RulesNode::Kind::nothing:
      break;
    case RulesNode::Kind::scalar:
      if (node.text.contains(opening)) {
        value.content_ = RulesText::read(node, scope, problems);
      } else {
        value.content_ = node.is_quoted ? json::value(node.text) : plain_value(node.text);
      }
      break;
    case RulesNode::Kind::list: {
      List list;
      for (const RulesNode& item : node.items) list.push_back(read(item, scope, problems));
      value.content_ = std::move(list);
      break;
    }
    case RulesNode::Kind::map: {
      Map map;
      for (const RulesMember& member : node.members) {
        map.emplace_back(member.key, read(member.value, scope, problems));
      }
      value.content_ = std::move(map);
      break;
    }
  }
  return value;
}

RulesResult<json::value> RulesValue::value(const RulesFacts& facts, RulesRoom& room) const {
  if (const auto* written = std::get_if<json::value>(&content_)) return *written;
  if (const auto* text = std::get_if<RulesText>(&content_)) return text->value(facts, room);
  if (const auto* list = std::get_if<List>(&content_)) {
    json::array array;
    for (const RulesValue& item : *list) {
      auto made = item.value(facts, room);
      if (!made) return made;
      array.push_back(std::move(*made));
    }
    return array;
  }
  json::object object;
  for (const auto& [key, member] : std::get<Map>(content_)) {
    auto made = member.value(facts, room);
    if (!made) return made;
    object[key] = std::move(*made);
  }
  return object;
}

}  // namespace bellpull
