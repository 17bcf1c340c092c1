#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "cli/column.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "cli/nearest_word.h"
#include "cli/output.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

std::string shown_value(const ConfiguredValue& value) {
  return value.key == "token" ? masked(value.value) : value.value;
}

Outcome<ExitCode> list(CommandContext& context) {
  Columns columns{{"key", "key"}, {"value", "value"}};
  if (context.arguments.has("--origin")) columns.push_back({"origin", "origin"});
  std::vector<json::object> items;
  for (const ConfiguredValue* one : context.configuration.values()) {
    items.push_back({{"id", one->key},
                     {"key", one->key},
                     {"value", shown_value(*one)},
                     {"origin", one->origin.empty() ? "not set" : one->origin}});
  }
  if (context.output.form() == OutputForm::json) {
    json::array array;
    for (const json::object& item : items) array.emplace_back(item);
    context.output.json(json::object{{"items", std::move(array)}});
  } else {
    context.output.table(columns, items);
  }
  return ExitCode::ok;
}

Outcome<ExitCode> get(CommandContext& context) {
  const std::string key = context.arguments.text("KEY");
  std::vector<std::string> keys;
  for (const ConfiguredValue* one : context.configuration.values()) {
    keys.push_back(one->key);
    if (one->key != key) continue;
    if (context.output.is_json()) {
      context.output.json(
          json::object{{"key", key}, {"value", shown_value(*one)}, {"origin", one->origin}});
    } else {
      context.output.text(shown_value(*one));
    }
    return ExitCode::ok;
  }
  const auto nearest = nearest_word(key, keys);
  return usage_failure("unknown key \"" + key + "\"" +
                           (nearest ? ". Did you mean " + *nearest + "?" : std::string{}),
                       {{"bellpull config list", "see the keys"}});
}

Outcome<ExitCode> path(CommandContext& context) {
  std::vector<json::object> items;
  for (const std::filesystem::path& file : context.configuration.files) {
    std::error_code problem;
    items.push_back({{"id", file.string()},
                     {"path", file.string()},
                     {"exists", std::filesystem::exists(file, problem)}});
  }
  context.output.table({{"path", "path"}, {"exists", "exists", ValueForm::yes_no}}, items);
  return ExitCode::ok;
}

}  // namespace

std::vector<Command> config_commands() {
  return {
      {.group = "config",
       .name = "list",
       .purpose = "Show which server, token and data directory are used",
       .options = {{"--origin", "", "and where each value came from"}},
       .examples = {{{"bellpull config list", "the values, the token masked"},
                     {"bellpull config list --origin", "and where each came from"},
                     {"bellpull config list --json", "as JSON"}}},
       .run = list},
      {.group = "config",
       .name = "get",
       .purpose = "Print one value",
       .parameters = {{"KEY", "url, token (masked), data or ca_file"}},
       .examples = {{{"bellpull config get url", "the server that commands talk to"},
                     {"bellpull config get data", "the data directory"},
                     {"curl \"$(bellpull config get url)/healthz\"", "for other programs"}}},
       .run = get},
      {.group = "config",
       .name = "path",
       .purpose = "Show the configuration files, the first one wins",
       .examples = {{{"bellpull config path", "the files that are looked for"},
                     {"bellpull config path --quiet", "their paths only"},
                     {"$EDITOR \"$(bellpull config path -q | tail -1)\"", "edit your own"}}},
       .run = path},
  };
}

}  // namespace bellpull::cli
