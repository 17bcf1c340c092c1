#include "api/terraform.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json.h"
#include "domain/blueprint.h"
#include "domain/bot.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A kind of resource, as the provider names it. `attributes` are fields that it has, in the order
// in which they are written; what is set of `others` is told in a comment.
struct ResourceType {
  std::string_view category;
  std::string_view type;
  std::vector<std::string_view> attributes;
  std::vector<std::string_view> others;
};

const std::vector<ResourceType>& resource_types() {
  static const std::vector<ResourceType> types{
      {"secret",
       "chatbotkit_secret",
       {"name", "description", "kind", "type", "visibility", "config", "meta"},
       {}},
      {"file", "chatbotkit_file", {"name", "description", "visibility", "meta"}, {}},
      {"dataset",
       "chatbotkit_dataset",
       {"name", "description", "reranker", "recordMaxTokens", "searchMinScore", "searchMaxRecords",
        "searchMaxTokens", "matchInstruction", "mismatchInstruction", "separators", "visibility",
        "meta"},
       {}},
      {"skillset", "chatbotkit_skillset", {"name", "description", "visibility", "meta"}, {"state"}},
      {"bot",
       "chatbotkit_bot",
       {"name", "description", "backstory", "model", "datasetId", "skillsetId", "privacy",
        "moderation", "visibility", "meta"},
       {}},
      {"ability",
       "chatbotkit_skillset_ability",
       {"skillsetId", "name", "description", "instruction", "secretId", "fileId", "botId",
        "spaceId", "meta"},
       {"state"}},
      {"triggerIntegration",
       "chatbotkit_trigger_integration",
       {"name", "description", "botId", "authenticate", "triggerSchedule", "sessionDuration",
        "meta"},
       {"timezone", "rateLimit", "deliveryId"}},
  };
  return types;
}

// "botId" is "bot_id".
std::string attribute_name(std::string_view field) {
  std::string name;
  for (const char c : field) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0) name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

// A quoted string in which nothing is a template: "${" and "%{" are doubled.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool opens = i + 1 < text.size() && text[i + 1] == '{' && (c == '$' || c == '%');
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
      if (opens) out += c;
    }
  }
  return out + '"';
}

// An identifier of the configuration that says what it is.
std::string label_from(std::string_view name, std::string_view otherwise) {
  std::string label;
  for (const char c : name.substr(0, std::min<std::size_t>(name.size(), 48))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && std::isalnum(byte) != 0) {
      label += static_cast<char>(std::tolower(byte));
    } else if (!label.empty() && label.back() != '_') {
      label += '_';
    }
  }
  while (!label.empty() && label.back() == '_') label.pop_back();
  if (label.empty()) return std::string{otherwise};
  if (std::isdigit(static_cast<unsigned char>(label.front())) != 0) label.insert(0, 1, '_');
  return label;
}

bool is_unset(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty()) ||
         (value.is_object() && value.get_object().empty());
}

class Configuration {
 public:
  std::string write(const Blueprint& blueprint, const json::object& resources) {
    name_all(resources);
    text_ +=
        "terraform {\n  required_providers {\n    chatbotkit = {\n"
        "      source = \"chatbotkit/chatbotkit\"\n    }\n  }\n}\n";
    write_blueprint(blueprint);
    for (const ResourceType& type : resource_types()) {
      for (const json::value& item : resources.at(type.category).get_array()) {
        write_resource(type, item.get_object());
      }
    }
    return std::move(text_);
  }

 private:
  // Every resource has its label before any is written, because they refer to each other.
  void name_all(const json::object& resources) {
    for (const ResourceType& type : resource_types()) {
      std::set<std::string> taken;
      for (const json::value& item : resources.at(type.category).get_array()) {
        const std::string wanted =
            label_from(item.at("name").as_string(), attribute_name(type.category));
        std::string label = wanted;
        for (int next = 2; !taken.insert(label).second; ++next) {
          label = fmt::format("{}_{}", wanted, next);
        }
        addresses_[std::string{item.at("id").as_string()}] = fmt::format("{}.{}", type.type, label);
      }
    }
  }

  void write_blueprint(const Blueprint& blueprint) {
    text_ += "\nresource \"chatbotkit_blueprint\" \"blueprint\" {\n";
    write_attribute("name", json::value(blueprint.name));
    write_attribute("description", json::value(blueprint.description));
    write_attribute("visibility", json::value(visibility_name(blueprint.visibility)));
    write_attribute("meta", parse_stored(blueprint.meta));
    text_ += "}\n";
  }

  void write_resource(const ResourceType& type, const json::object& item) {
    const std::string& address = addresses_.at(std::string{item.at("id").as_string()});
    const std::string label = address.substr(address.find('.') + 1);
    const bool has_value = type.category == "secret" && item.at("kind").as_string() == "shared";
    if (has_value) {
      text_ += fmt::format(
          "\nvariable \"{}_value\" {{\n  type      = string\n  sensitive = true\n}}\n", label);
    }
    text_ += fmt::format("\nresource \"{}\" \"{}\" {{\n", type.type, label);
    text_ += "  blueprint_id = chatbotkit_blueprint.blueprint.id\n";
    for (const std::string_view field : type.attributes) {
      // The one whose name the provider has from an older API.
      write_attribute(field, item.at(field == "triggerSchedule" ? "schedule" : field));
    }
    if (has_value) text_ += fmt::format("  value = var.{}_value\n", label);
    for (const std::string_view field : type.others) write_comment(field, item.at(field));
    text_ += "}\n";
  }

  void write_attribute(std::string_view field, const json::value& value) {
    if (is_unset(value)) return;
    text_ += fmt::format("  {} = {}\n", attribute_name(field), expression(value));
  }

  // Only what differs from what the provider's resource is without it.
  void write_comment(std::string_view field, const json::value& value) {
    if (is_unset(value) || value == json::value("enabled")) return;
    text_ += fmt::format("  # {} is {}: the provider has no attribute for it\n", field,
                         value.is_string() ? quoted(value.get_string()) : json::serialize(value));
  }

  std::string expression(const json::value& value) const {
    if (value.is_string()) {
      const std::string text{value.get_string()};
      const auto address = addresses_.find(text);
      return address == addresses_.end() ? quoted(text) : address->second + ".id";
    }
    if (!value.is_object()) return json::serialize(value);
    // A map of texts: what is none is written as JSON.
    std::string map = "{\n";
    for (const auto& member : value.get_object()) {
      const std::string text = member.value().is_string() ? std::string{member.value().get_string()}
                                                          : json::serialize(member.value());
      map += fmt::format("    {} = {}\n", quoted(member.key()), quoted(text));
    }
    return map + "  }";
  }

  std::string text_;
  std::map<std::string, std::string> addresses_;  // by id
};

}  // namespace

std::string terraform_of(const Blueprint& blueprint, const json::object& document) {
  return Configuration{}.write(blueprint, document.at("resources").as_object());
}

}  // namespace bellpull
