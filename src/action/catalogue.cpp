#include "action/catalogue.h"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/block.h"
#include "action/template.h"
#include "action/yaml_template.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

struct Entry {
  std::string_view name;
  std::string_view instruction;
};

constexpr std::string_view request = R"(```fetch
method: $[method enum<GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS> default<GET>|the HTTP method]
url: $[url!|the address to send the request to]
headers:
  Content-Type?: $[contentType|the media type of the body]
body?: $[body|the body of the request]
```)";

constexpr auto entries = std::to_array<Entry>({
    {"blueprint/resource/list", "```blueprint/resource/list\n```"},
    {"bot/ask", "```bot/ask\nbotId: ${BOT_DEFAULT}\nprompt: $[prompt!|what to ask]\n```"},
    {"bot/ask[by-id]",
     "```bot/ask\nbotId: $[botId!|the id of the bot to ask]\nprompt: $[prompt!|what to ask]\n```"},
    {"conversation/fetch[by-id]",
     "```conversation/fetch\nconversationId: $[conversationId!|the id of the conversation to "
     "read]\n"
     "```"},
    {"conversation/search",
     "```conversation/search\nquery: $[query!|words to look for in earlier conversations]\n```"},
    {"dataset/list", "```dataset/list\n```"},
    {"dataset/record/create",
     "```dataset/record/create\ndatasetId: $[datasetId!|the id of the dataset]\ntext: "
     "$[text!|the text of the new record]\n```"},
    {"dataset/search",
     "```dataset/search\ndatasetId: $[datasetId!|the id of the dataset]\nquery: $[query!|what to "
     "look for]\n```"},
    {"email/send",
     "```email\nto: $[to!|the address to send to]\nsubject: $[subject!|the subject]\ncontent: "
     "$[content!|the text, in Markdown]\n```"},
    {"fetch/request", request},
    {"fetch/request[with-auth]", R"(```fetch
method: $[method enum<GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS> default<GET>|the HTTP method]
url: $[url!|the address to send the request to]
authorization: ${SECRET_DEFAULT}
headers:
  Content-Type?: $[contentType|the media type of the body]
body?: $[body|the body of the request]
```)"},
    {"fetch/text/get", "```fetch\nGET $[url!|the address of the page to read]\n```"},
    {"memory/create[bot]",
     "```memory/create/scope=bot\ntext: $[text!|what to remember, in one sentence]\n```"},
    {"memory/create[contact]",
     "```memory/create/scope=contact\ntext: $[text!|what to remember, in one sentence]\n```"},
    {"memory/list[bot]", "```memory/list/scope=bot\n```"},
    {"memory/list[contact]", "```memory/list/scope=contact\n```"},
    {"memory/search[bot]", "```memory/search/scope=bot\nquery: $[query!|what to look for]\n```"},
    {"memory/search[contact]",
     "```memory/search/scope=contact\nquery: $[query!|what to look for]\n```"},
});

json::value literal_of(TemplateValue& given) {
  auto filled = Block{.action = {},
                      .input =
                          [&] {
                            TemplateMap map;
                            Segments key;
                            key.emplace_back(std::string{"value"});
                            map.push_back({std::move(key), false, std::move(given)});
                            return map;
                          }()}
                    .fill({}, {});
  return filled ? std::move((*filled)["value"]) : json::value(nullptr);
}

}  // namespace

std::optional<std::string_view> catalogue_instruction(std::string_view name) {
  const auto* const found = std::ranges::find(entries, name, &Entry::name);
  if (found == entries.end()) return std::nullopt;
  return found->instruction;
}

std::vector<std::string_view> catalogue_names() {
  std::vector<std::string_view> names;
  for (const Entry& entry : entries) names.push_back(entry.name);
  return names;
}

Result<CatalogueUse> read_catalogue_use(std::string_view text) {
  if (text.starts_with('@')) return CatalogueUse{.name = std::string(text.substr(1)), .fixed = {}};
  auto yaml = read_yaml_template(text);
  if (!yaml) return std::unexpected(std::move(yaml.error()));
  auto* const map = std::get_if<TemplateMap>(&yaml->root.value);
  TemplateValue* const named = map == nullptr ? nullptr : find_entry(*map, "template");
  const auto* const segments = named == nullptr ? nullptr : std::get_if<Segments>(&named->value);
  const std::string* const name = segments == nullptr ? nullptr : plain_text(*segments);
  if (name == nullptr || name->empty()) {
    return fail(ErrorCode::invalid, "The template of this instruction has no name");
  }
  CatalogueUse use{.name = *name, .fixed = {}};
  TemplateValue* const parameters = find_entry(*map, "parameters");
  auto* const given =
      parameters == nullptr ? nullptr : std::get_if<TemplateMap>(&parameters->value);
  if (given == nullptr) return use;
  for (TemplateEntry& entry : *given) {
    const std::string* const key = plain_text(entry.key);
    bool has_field = false;
    each_placeholder(entry.value, [&](Placeholder&) { has_field = true; });
    if (key == nullptr || has_field) {
      return fail(ErrorCode::invalid,
                  "A parameter of a template has a fixed value or none; the model is asked for "
                  "those that have none");
    }
    json::value value = literal_of(entry.value);
    const bool empty = value.is_null() || (value.is_string() && value.get_string().empty());
    if (!empty) use.fixed[*key] = std::move(value);
  }
  return use;
}

}  // namespace bellpull
