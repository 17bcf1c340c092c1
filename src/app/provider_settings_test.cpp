#include "app/provider_settings.h"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/settings.h"
#include "base/result.h"
#include "llm/anthropic_settings.h"
#include "llm/openai_settings.h"
#include "llm/provider_settings.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

Result<std::vector<ProviderSettings>> read(std::string_view text, const Environment& given = {}) {
  // NOLINTNEXTLINE(misc-include-cleaner): toml++ is meant to be included by one header only.
  const toml::table file = toml::parse(text);
  return read_provider_settings(*file["provider"].as_table(), given);
}

TEST(ProviderSettingsTest, ALocalServerIsDeclaredWithWhatItDiffersIn) {
  const auto providers = read(R"(
    [provider.local]
    language = "openai"
    base_url = "http://10.0.0.7:8000/v1"
    api_key = "${LOCAL_KEY}"
    key_header = "api-key"
    query = { api-version = "2026-01" }
    system_role = "developer"
    max_tokens_field = "max_completion_tokens"
    parallel_tool_calls = true
    timeout = "5m"
    idle_timeout = "20s"
    stream = false
    failures_to_pause = 9
    fallback = ["anthropic/claude-x", "builtin/demo"]
    models = ["small", "large"])",
                              {{"LOCAL_KEY", "k"}});
  ASSERT_TRUE(providers) << providers.error().message;
  EXPECT_EQ(providers->at(0).name, "local");
  EXPECT_EQ(providers->at(0).models, (std::vector<std::string>{"small", "large"}));
  EXPECT_EQ(providers->at(0).fallbacks,
            (std::vector<std::string>{"anthropic/claude-x", "builtin/demo"}));
  const auto& openai = std::get<OpenAiSettings>(providers->at(0).language);
  EXPECT_EQ(openai.connection.name, "local");
  EXPECT_EQ(openai.connection.api_key, "k");
  EXPECT_EQ(openai.connection.key_header, "api-key");
  EXPECT_EQ(openai.connection.key_prefix, "") << "only Authorization has a scheme";
  EXPECT_EQ(openai.connection.extra_query.at(0).second, "2026-01");
  EXPECT_EQ(openai.connection.timeout, 5min);
  EXPECT_EQ(openai.connection.idle_timeout, 20s);
  EXPECT_FALSE(openai.connection.streams);
  EXPECT_EQ(openai.connection.failures_to_pause, 9);
  EXPECT_TRUE(openai.connection.allowance && openai.connection.allowance->covers("10.0.0.7", 8000));
  EXPECT_EQ(openai.system_role, "developer");
  EXPECT_EQ(openai.max_tokens_field, "max_completion_tokens");
  EXPECT_EQ(openai.parallel_tool_calls, true);
}

TEST(ProviderSettingsTest, TheSchemeOfAKeyFollowsItsHeaderUnlessItIsGiven) {
  const auto providers = read(R"(
    [provider.a]
    language = "openai"
    base_url = "http://a.example/v1"
    key_header = "authorization"
    [provider.b]
    language = "openai"
    base_url = "http://a.example/v1"
    key_prefix = ""
    headers = { X-Key = "Token ${KEY}" })",
                              {{"KEY", "k-secret"}});
  ASSERT_TRUE(providers) << providers.error().message;
  EXPECT_EQ(std::get<OpenAiSettings>(providers->at(0).language).connection.key_prefix, "Bearer ");
  const auto& other = std::get<OpenAiSettings>(providers->at(1).language).connection;
  EXPECT_EQ(other.key_prefix, "");
  EXPECT_EQ(other.secrets, std::vector<std::string>{"k-secret"});
}

TEST(ProviderSettingsTest, AnthropicNeedsNoMoreThanItsKey) {
  const auto providers = read(R"(
    [provider.anthropic]
    language = "anthropic"
    api_key = "${ANTHROPIC_API_KEY}"
    max_tokens = 4000)",
                              {{"ANTHROPIC_API_KEY", "k"}});
  ASSERT_TRUE(providers) << providers.error().message;
  const auto& anthropic = std::get<AnthropicSettings>(providers->at(0).language);
  EXPECT_EQ(anthropic.connection.base_url, "https://api.anthropic.com");
  EXPECT_EQ(anthropic.connection.key_header, "x-api-key");
  EXPECT_EQ(anthropic.connection.key_prefix, "");
  EXPECT_EQ(anthropic.connection.api_key, "k");
  EXPECT_EQ(anthropic.max_tokens, 4000);
}

TEST(ProviderSettingsTest, EverythingThatIsWrongIsToldAtOnce) {
  const auto refused = read(R"(
    [provider.Local]
    language = "openai"
    [provider.builtin]
    language = "openai"
    base_url = "http://a.example/v1"
    [provider.a]
    langage = "openai"
    [provider.b]
    language = "openai"
    base_url = "ftp://a.example"
    api_key = "${NOWHERE}"
    system_role = "boss"
    max_tokens = 5
    parallel_tool_calls = "yes"
    models = []
    [provider.c]
    language = "anthropic"
    max_tokens = 0)");
  ASSERT_FALSE(refused);
  const std::string& message = refused.error().message;
  for (const std::string_view part :
       {"provider.Local must be a table whose name", "provider.builtin.language is of a provider",
        "provider.a.langage is unknown; did you mean language?",
        "provider.a.language must be openai or anthropic", "provider.a.base_url is missing",
        "provider.b.base_url must be a URL",
        "provider.b.api_key needs the environment variable NOWHERE, which is not set",
        "provider.b.system_role must be system or developer", "provider.b.max_tokens is unknown",
        "provider.b.parallel_tool_calls must be true or false",
        "provider.b.models must be a list of texts",
        "provider.c.max_tokens must be a whole number"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
  }
  EXPECT_EQ(refused.error().hint, "docs/operate/models.md has examples");
}

}  // namespace
}  // namespace bellpull
