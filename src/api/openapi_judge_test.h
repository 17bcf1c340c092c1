// For this module's tests: whether what went over the wire is what the API's description says.
//
// It knows the part of JSON Schema that the description uses, and refuses the rest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

class OpenapiJudge {
 public:
  explicit OpenapiJudge(boost::json::object document) : document_(std::move(document)) {}

  // The operation of a request; null when the document has none.
  const boost::json::object* operation(std::string_view method, std::string_view path) const {
    for (const auto& [known, item] : document_.at("paths").as_object()) {
      if (!fits(known, path.substr(0, path.find('?')))) continue;
      const auto* found = item.as_object().if_contains(method);
      if (found != nullptr) return found->if_object();
    }
    return nullptr;
  }

  // What is wrong with a body that was accepted; empty: nothing.
  std::string of_body(const boost::json::object& operation, const boost::json::value& body) const {
    const auto* request = operation.if_contains("requestBody");
    if (request == nullptr) return {};
    const auto& content = request->at("content").as_object();
    const auto* media = content.if_contains("application/json");
    return media == nullptr ? "" : of(media->at("schema"), body, "body");
  }

  // What is wrong with a JSON reply, as far as the description says anything of it.
  std::string of_reply(const boost::json::object& operation, int status,
                       const boost::json::value& body) const {
    const auto* reply = operation.at("responses").as_object().if_contains(std::to_string(status));
    if (reply == nullptr) return "the status is not described";
    const auto& content = resolved(*reply).at("content").as_object();
    const auto* media = content.if_contains("application/json");
    if (media == nullptr) return content.contains("*/*") ? "" : "JSON is not described";
    return of(media->at("schema"), body, "reply");
  }

 private:
  using Value = boost::json::value;

  // "/bot/{botId}/fetch" fits "/bot/bot_1/fetch".
  static bool fits(std::string_view known, std::string_view path) {
    while (!known.empty() && !path.empty()) {
      known.remove_prefix(1);
      path.remove_prefix(1);
      const std::string_view wanted = known.substr(0, known.find('/'));
      const std::string_view given = path.substr(0, path.find('/'));
      if (!wanted.starts_with('{') && wanted != given) return false;
      known.remove_prefix(wanted.size());
      path.remove_prefix(given.size());
    }
    return known.empty() && path.empty();
  }

  const Value& resolved(const Value& value) const {
    const auto* reference = value.as_object().if_contains("$ref");
    // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): a part of the document.
    if (reference == nullptr) return value;
    return at(std::string_view{reference->get_string()}.substr(1));
  }
  const Value& at(std::string_view pointer) const {
    const boost::json::object* inner = &document_;
    while (true) {
      pointer.remove_prefix(1);
      const std::string_view key = pointer.substr(0, pointer.find('/'));
      const Value& value = inner->at(key);
      if (key.size() == pointer.size()) return value;
      pointer.remove_prefix(key.size());
      inner = &value.as_object();
    }
  }

  static bool has_type(std::string_view type, const Value& value) {
    if (type == "null") return value.is_null();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "number") return value.is_number();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type != "integer") throw std::logic_error("unknown type " + std::string{type});
    return value.is_int64() || value.is_uint64() ||
           (value.is_double() &&
            value.get_double() ==
                static_cast<double>(static_cast<std::int64_t>(value.get_double())));
  }

  std::string of(const Value& schema, const Value& value, const std::string& where) const {
    const boost::json::object& rules = schema.as_object();
    std::string problem;
    for (const auto& [rule, given] : rules) {
      problem = of_rule(rule, given, rules, value, where);
      if (!problem.empty()) return problem;
    }
    return problem;
  }

  std::string of_rule(std::string_view rule, const Value& given, const boost::json::object& rules,
                      const Value& value, const std::string& where) const {
    const auto wrong = [&] {
      return where + " breaks \"" + std::string{rule} + "\": " + boost::json::serialize(given) +
             ", it is " + boost::json::serialize(value).substr(0, 200);
    };
    if (rule == "$ref") return of(at(std::string_view{given.get_string()}.substr(1)), value, where);
    if (rule == "type") return is_of_types(given, value) ? "" : wrong();
    if (rule == "enum") return holds(given.as_array(), value) ? "" : wrong();
    if (rule == "const") return given == value ? "" : wrong();
    if (rule == "anyOf") {
      for (const Value& way : given.as_array()) {
        if (of(way, value, where).empty()) return "";
      }
      return wrong();
    }
    if (rule == "allOf") {
      for (const Value& part : given.as_array()) {
        if (auto problem = of(part, value, where); !problem.empty()) return problem;
      }
      return "";
    }
    if (value.is_object()) return of_object(rule, given, rules, value.get_object(), where);
    if (value.is_array() && rule == "items") {
      std::size_t index = 0;
      for (const Value& item : value.get_array()) {
        auto problem = of(given, item, where + "[" + std::to_string(index++) + "]");
        if (!problem.empty()) return problem;
      }
    }
    if (value.is_string() && rule == "pattern") {
      const std::regex pattern{std::string{given.get_string()}};
      return std::regex_search(std::string{value.get_string()}, pattern) ? "" : wrong();
    }
    if (value.is_number() && rule == "minimum") {
      return value.to_number<double>() >= given.to_number<double>() ? "" : wrong();
    }
    if (value.is_number() && rule == "maximum") {
      return value.to_number<double>() <= given.to_number<double>() ? "" : wrong();
    }
    return "";
  }

  std::string of_object(std::string_view rule, const Value& given, const boost::json::object& rules,
                        const boost::json::object& object, const std::string& where) const {
    if (rule == "required") {
      for (const Value& name : given.as_array()) {
        if (!object.contains(name.get_string())) {
          return where + " lacks " + std::string{name.get_string()};
        }
      }
    } else if (rule == "properties") {
      for (const auto& [name, schema] : given.as_object()) {
        const Value* member = object.if_contains(name);
        if (member == nullptr) continue;
        auto problem = of(schema, *member, where + "." + std::string{name});
        if (!problem.empty()) return problem;
      }
    } else if (rule == "additionalProperties" && given == Value(false)) {
      const auto* known = rules.if_contains("properties");
      for (const auto& member : object) {
        if (known != nullptr && known->as_object().contains(member.key())) continue;
        return where + " has " + std::string{member.key()} + ", which is not described";
      }
    }
    return "";
  }

  static bool is_of_types(const Value& types, const Value& value) {
    if (types.is_string()) return has_type(types.get_string(), value);
    return std::ranges::any_of(
        types.as_array(), [&](const Value& type) { return has_type(type.get_string(), value); });
  }
  static bool holds(const boost::json::array& choices, const Value& value) {
    return std::ranges::find(choices, value) != choices.end();
  }

  const boost::json::object document_;
};

}  // namespace bellpull
