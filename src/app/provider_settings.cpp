#include "app/provider_settings.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/named_table.h"
#include "app/settings.h"
#include "base/result.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"
#include "llm/anthropic_settings.h"
#include "llm/model_connection.h"
#include "llm/openai_settings.h"
#include "llm/provider_settings.h"

namespace bellpull {

namespace {

constexpr auto shared_keys = std::to_array<std::string_view>(
    {"language", "base_url", "api_key", "key_header", "key_prefix", "headers", "query", "models",
     "fallback", "failures_to_pause", "connect_timeout", "timeout", "stream", "idle_timeout"});
constexpr auto openai_keys =
    std::to_array<std::string_view>({"system_role", "max_tokens_field", "parallel_tool_calls"});
constexpr auto anthropic_keys = std::to_array<std::string_view>({"max_tokens"});
constexpr auto own_names = std::to_array<std::string_view>({"builtin", "openai"});

constexpr std::int64_t most_tokens = 10'000'000;

template <typename Keys>
std::vector<std::string_view> with_shared(const Keys& keys) {
  std::vector<std::string_view> all(shared_keys.begin(), shared_keys.end());
  all.insert(all.end(), keys.begin(), keys.end());
  return all;
}

// What is given; the rest stays as the language has it.
void read_connection(NamedTable& table, ConnectionSettings& connection) {
  if (table.has("base_url")) connection.base_url = table.text("base_url");
  connection.api_key = table.filled_text("api_key");
  if (table.has("key_header")) {
    connection.key_header = table.text("key_header");
    const bool has_scheme = same_name(connection.key_header, "Authorization");
    connection.key_prefix = has_scheme ? "Bearer " : "";
  }
  if (table.has("key_prefix")) connection.key_prefix = table.any_text("key_prefix");
  for (auto& [name, value] : table.filled_texts("headers")) {
    connection.extra_headers.push_back({name, value});
  }
  for (auto& [name, value] : table.filled_texts("query")) {
    connection.extra_query.emplace_back(name, value);
  }
  connection.secrets = table.secrets();
  table.duration("connect_timeout", connection.connect_timeout);
  table.duration("timeout", connection.timeout);
  table.duration("idle_timeout", connection.idle_timeout);
  connection.streams = table.flag("stream").value_or(true);
  table.whole("failures_to_pause", 0, 1'000'000, connection.failures_to_pause);
  if (connection.base_url.empty()) {
    if (!table.has("base_url")) table.complain("base_url", "is missing");
    return;
  }
  auto allowance = Allowance::for_url(connection.base_url);
  if (allowance) {
    connection.allowance = std::move(*allowance);
  } else {
    table.complain("base_url", "must be a URL: " + allowance.error().message);
  }
}

OpenAiSettings read_openai(NamedTable& table, const std::string& name) {
  table.check_keys(with_shared(openai_keys));
  OpenAiSettings settings{.connection = {.name = name}};
  read_connection(table, settings.connection);
  if (table.has("system_role")) settings.system_role = table.text("system_role");
  if (settings.system_role != "system" && settings.system_role != "developer") {
    table.complain("system_role", "must be system or developer");
  }
  if (table.has("max_tokens_field")) settings.max_tokens_field = table.text("max_tokens_field");
  settings.parallel_tool_calls = table.flag("parallel_tool_calls");
  return settings;
}

AnthropicSettings read_anthropic(NamedTable& table, const std::string& name) {
  table.check_keys(with_shared(anthropic_keys));
  AnthropicSettings settings{.connection = {.name = name,
                                            .base_url = "https://api.anthropic.com",
                                            .key_header = "x-api-key",
                                            .key_prefix = ""}};
  read_connection(table, settings.connection);
  table.whole("max_tokens", 1, most_tokens, settings.max_tokens);
  return settings;
}

ProviderSettings read_provider(NamedTable& table, const std::string& name) {
  ProviderSettings provider{.name = name};
  if (std::ranges::find(own_names, name) != own_names.end()) {
    table.complain("language", "is of a provider with a name of our own; choose another name");
  }
  const std::string language = table.text("language");
  if (language == "anthropic") {
    provider.language = read_anthropic(table, name);
  } else {
    provider.language = read_openai(table, name);
    if (language != "openai") table.complain("language", "must be openai or anthropic");
  }
  provider.models = table.list("models");
  provider.fallbacks = table.list("fallback");
  return provider;
}

}  // namespace

// NOLINTNEXTLINE(misc-include-cleaner): toml++ is meant to be included by one header only.
Result<std::vector<ProviderSettings>> read_provider_settings(const toml::table& providers,
                                                             const Environment& environment) {
  return read_named_tables<ProviderSettings>(providers, "provider", environment,
                                             "docs/operate/models.md", read_provider);
}

}  // namespace bellpull
