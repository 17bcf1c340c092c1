// How the values get into a block's input.
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/block.h"
#include "action/placeholder.h"
#include "action/template.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

bool is_empty(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool ends_with_any_case(std::string_view text, std::string_view ending) {
  if (text.size() < ending.size()) return false;
  const std::string_view end = text.substr(text.size() - ending.size());
  for (std::size_t i = 0; i < end.size(); ++i) {
    if (lower(end[i]) != lower(ending[i])) return false;
  }
  return true;
}

class Filler {
 public:
  Filler(const FieldValues& values, const ServerValues& server)
      : values_(values), server_(server) {}

  // The whole input. Numbers the values of the field `bound` instead of writing them: they reach a
  // database beside the statement.
  Result<json::object> input(const TemplateMap& given, std::string_view bound) const {
    json::array parameters;
    TemplateMap written;
    for (const TemplateEntry& entry : given) {
      const std::string* const key = plain_text(entry.key);
      const auto* const statement = std::get_if<Segments>(&entry.value.value);
      const bool is_bound =
          key != nullptr && !bound.empty() && *key == bound && statement != nullptr;
      if (!is_bound) {
        written.push_back(entry);
        continue;
      }
      auto text = bind(*statement, parameters);
      if (!text) return std::unexpected(std::move(text.error()));
      written.push_back({entry.key, false, TemplateValue{json::value(std::move(*text))}});
    }
    auto filled = map(written);
    if (filled && !parameters.empty()) (*filled)["parameters"] = std::move(parameters);
    return filled;
  }

  Result<json::value> value(const TemplateValue& given) const {
    if (const auto* literal = std::get_if<json::value>(&given.value)) return *literal;
    if (const auto* segments = std::get_if<Segments>(&given.value)) return leaf(*segments);
    if (const auto* list = std::get_if<TemplateList>(&given.value)) return this->list(*list);
    auto filled = map(std::get<TemplateMap>(given.value));
    if (!filled) return std::unexpected(std::move(filled.error()));
    return json::value(std::move(*filled));
  }

  Result<json::object> map(const TemplateMap& given) const {
    json::object filled;
    for (const TemplateEntry& entry : given) {
      auto key = text(entry.key);
      if (!key) return std::unexpected(std::move(key.error()));
      auto one = value(entry.value);
      if (!one) return std::unexpected(std::move(one.error()));
      if (entry.only_with_value && is_empty(*one)) continue;
      filled[*key] = std::move(*one);
    }
    return filled;
  }

 private:
  Result<json::value> list(const TemplateList& given) const {
    json::array filled;
    for (const TemplateValue& element : given) {
      auto one = value(element);
      if (!one) return one;
      filled.push_back(std::move(*one));
    }
    return json::value(std::move(filled));
  }

  // A leaf that is one field keeps the value's type.
  Result<json::value> leaf(const Segments& segments) const {
    const auto* const alone =
        segments.size() == 1 ? std::get_if<Placeholder>(&segments.front()) : nullptr;
    if (alone != nullptr && !alone->server_side && alone->place == Place::plain) {
      const json::value& given = values_.find(alone->name)->second;
      return typed_insertion(*alone, given);
    }
    auto filled = text(segments);
    if (!filled) return std::unexpected(std::move(filled.error()));
    return json::value(std::move(*filled));
  }

  Result<std::string> text(const Segments& segments) const {
    std::string filled;
    for (const Segment& segment : segments) {
      if (const auto* literal = std::get_if<std::string>(&segment)) {
        filled += *literal;
        continue;
      }
      const auto& field = std::get<Placeholder>(segment);
      auto inserted = field.server_side ? of_server(field, filled)
                                        : insertion(field, values_.find(field.name)->second);
      if (!inserted) return inserted;
      filled += *inserted;
    }
    return filled;
  }

  Result<std::string> of_server(const Placeholder& field, std::string_view before) const {
    const auto known = server_.find(field.name);
    if (known == server_.end()) {
      return fail(ErrorCode::invalid,
                  fmt::format("Nothing was sent: there is no value for {}", field.name));
    }
    const ServerValue& value = known->second;
    const bool with_scheme = field.place == Place::header && !value.scheme.empty() &&
                             !ends_with_any_case(before, value.scheme);
    auto inserted = insertion(field, json::value(value.text));
    if (inserted && with_scheme) inserted->insert(0, value.scheme);
    return inserted;
  }

  Result<json::value> parameter(const Placeholder& field) const {
    if (!field.server_side) return typed_insertion(field, values_.find(field.name)->second);
    auto text = of_server(field, {});
    if (!text) return std::unexpected(std::move(text.error()));
    return json::value(std::move(*text));
  }

  Result<std::string> bind(const Segments& segments, json::array& bound) const {
    std::string text;
    for (const Segment& segment : segments) {
      if (const auto* literal = std::get_if<std::string>(&segment)) {
        text += *literal;
        continue;
      }
      auto value = parameter(std::get<Placeholder>(segment));
      if (!value) return std::unexpected(std::move(value.error()));
      bound.push_back(std::move(*value));
      text += fmt::format("${}", bound.size());
    }
    return text;
  }

  const FieldValues& values_;
  const ServerValues& server_;
};

}  // namespace

Result<json::object> Block::fill(const FieldValues& values, const ServerValues& server) const {
  return Filler{values, server}.input(input, bound);
}

}  // namespace bellpull
