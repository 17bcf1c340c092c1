#include "app/mcp_settings.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/settings.h"
#include "base/duration.h"
#include "base/result.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "mcp/protocol.h"
#include "mcp/server_settings.h"
#include "schedule/nearest_name.h"

namespace bellpull {

namespace {

constexpr std::size_t max_name = 24;
constexpr auto keys =
    std::to_array<std::string_view>({"command", "directory", "environment", "url", "headers", "era",
                                     "start_timeout", "call_timeout", "longest_call"});

// NOLINTBEGIN(misc-include-cleaner): toml++ is meant to be included by one header only.

// One server's table, and everything that is wrong with it.
struct Reading {
  const toml::table& table;
  const Environment& variables;
  std::string prefix;                // "mcp.NAME."
  std::vector<std::string> secrets;  // values of variables that were filled in
  std::vector<std::string> problems;

  void complain(std::string_view key, std::string_view what) {
    problems.push_back(fmt::format("{}{} {}", prefix, key, what));
  }
};

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= max_name && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

void check_keys(Reading& reading) {
  for (const auto& [key, node] : reading.table) {
    if (std::ranges::find(keys, key.str()) != keys.end()) continue;
    const std::vector<std::string_view> known(keys.begin(), keys.end());
    const auto nearest = nearest_name(key.str(), known);
    reading.complain(
        key.str(), nearest ? fmt::format("is unknown; did you mean {}?", *nearest) : "is unknown");
  }
}

std::vector<std::string> read_command(Reading& reading) {
  constexpr std::string_view shape =
      "must be a list of texts: a program and its arguments, such as [\"npx\", \"-y\", \"name\"]";
  std::vector<std::string> command;
  const auto* const list = reading.table["command"].as_array();
  if (list == nullptr || list->empty()) {
    reading.complain("command", shape);
    return command;
  }
  for (const toml::node& item : *list) {
    if (const auto* const text = item.as_string()) command.push_back(text->get());
  }
  const bool is_whole = command.size() == list->size() && !command.front().empty();
  if (!is_whole) reading.complain("command", shape);
  return command;
}

// With the variables in `${...}` filled in.
std::string filled(Reading& reading, const std::string& key, std::string_view text) {
  std::string result;
  for (std::size_t begin = text.find("${"); begin != std::string_view::npos;
       begin = text.find("${")) {
    const std::size_t end = text.find('}', begin);
    if (end == std::string_view::npos) break;
    const std::string name(text.substr(begin + 2, end - begin - 2));
    const auto variable = reading.variables.find(name);
    if (variable == reading.variables.end()) {
      reading.complain(key,
                       fmt::format("needs the environment variable {}, which is not set", name));
    } else {
      result += text.substr(0, begin);
      result += variable->second;
      reading.secrets.push_back(variable->second);
    }
    text.remove_prefix(end + 1);
  }
  return result.append(text);
}

std::map<std::string, std::string> read_texts(Reading& reading, std::string_view key) {
  std::map<std::string, std::string> texts;
  const toml::node* const node = reading.table.get(key);
  if (node == nullptr) return texts;
  const auto* const table = node->as_table();
  if (table == nullptr) {
    reading.complain(key, "must be a table of names and texts");
    return texts;
  }
  for (const auto& [name, value] : *table) {
    const std::string place = fmt::format("{}.{}", key, name.str());
    const auto* const text = value.as_string();
    if (text == nullptr || name.str().find_first_of("= ") != std::string_view::npos) {
      reading.complain(place, "must be a name with a text");
      continue;
    }
    texts.emplace(std::string(name.str()), filled(reading, place, text->get()));
  }
  return texts;
}

void read_duration(Reading& reading, std::string_view key, Duration& into) {
  const toml::node* const node = reading.table.get(key);
  if (node == nullptr) return;
  const auto* const text = node->as_string();
  const auto duration = parse_duration(text == nullptr ? "" : text->get());
  if (!duration || *duration <= Duration{0} || *duration > std::chrono::hours{24}) {
    reading.complain(key, "must be a duration such as 250ms, 30s, 5m or 2h, at most 24h");
    return;
  }
  into = *duration;
}

std::string read_text(Reading& reading, std::string_view key) {
  const toml::node* const node = reading.table.get(key);
  if (node == nullptr) return {};
  const auto* const text = node->as_string();
  if (text == nullptr || text->get().empty()) {
    reading.complain(key, "must be a text");
    return {};
  }
  return text->get();
}

StdioCommand read_stdio(Reading& reading) {
  for (const std::string_view key : {"url", "headers"}) {
    if (reading.table.contains(key)) reading.complain(key, "is not of a server with a command");
  }
  StdioCommand command{.command = read_command(reading),
                       .environment = read_texts(reading, "environment"),
                       .directory = read_text(reading, "directory")};
  command.secrets = reading.secrets;
  return command;
}

McpEndpoint read_endpoint(Reading& reading) {
  for (const std::string_view key : {"directory", "environment"}) {
    if (reading.table.contains(key)) reading.complain(key, "is not of a server with a url");
  }
  McpEndpoint endpoint{.url = read_text(reading, "url")};
  for (auto& [name, value] : read_texts(reading, "headers")) {
    endpoint.headers.push_back({name, value});
  }
  if (endpoint.url.empty()) return endpoint;
  auto allowance = Allowance::for_url(endpoint.url);
  if (allowance) {
    endpoint.allowance = std::move(*allowance);
  } else {
    reading.complain("url", "must be the URL of an MCP endpoint: " + allowance.error().message);
  }
  return endpoint;
}

McpEraChoice read_era(Reading& reading) {
  const std::string era = read_text(reading, "era");
  if (era == "legacy") return McpEraChoice::legacy;
  if (era == "modern") return McpEraChoice::modern;
  if (!era.empty() && era != "automatic") {
    reading.complain("era", "must be one of automatic, legacy, modern");
  }
  return McpEraChoice::automatic;
}

McpServerSettings read_server(Reading& reading, std::string name) {
  check_keys(reading);
  McpServerSettings server{.name = std::move(name), .era = read_era(reading)};
  read_duration(reading, "start_timeout", server.limits.start);
  read_duration(reading, "call_timeout", server.limits.call);
  read_duration(reading, "longest_call", server.limits.longest_call);
  server.limits.longest_call = std::max(server.limits.longest_call, server.limits.call);
  if (reading.table.contains("command")) {
    server.at = read_stdio(reading);
  } else if (reading.table.contains("url")) {
    server.at = read_endpoint(reading);
  } else {
    reading.complain("command", "or url is missing");
  }
  return server;
}

}  // namespace

Result<std::vector<McpServerSettings>> read_mcp_settings(const toml::table& servers,
                                                         const Environment& environment) {
  std::vector<McpServerSettings> declared;
  std::vector<std::string> problems;
  for (const auto& [key, node] : servers) {
    const std::string name{key.str()};
    const auto* const table = node.as_table();
    if (table == nullptr || !is_name(name)) {
      problems.push_back(
          fmt::format("mcp.{} must be a table whose name is of a to z, 0 to 9 and -, at most {}",
                      name, max_name));
      continue;
    }
    Reading reading{.table = *table, .variables = environment, .prefix = "mcp." + name + "."};
    declared.push_back(read_server(reading, name));
    problems.insert(problems.end(), reading.problems.begin(), reading.problems.end());
  }
  if (problems.empty()) return declared;
  std::string message = problems.front();
  for (std::size_t i = 1; i < problems.size(); ++i) message += "; " + problems[i];
  return fail(ErrorCode::invalid, std::move(message), "docs/operate/mcp.md has examples");
}

// NOLINTEND(misc-include-cleaner)

}  // namespace bellpull
