#include "app/mcp_settings.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/settings.h"
#include "base/result.h"
#include "mcp/protocol.h"
#include "mcp/server_settings.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

Result<std::vector<McpServerSettings>> read(std::string_view text, const Environment& given = {}) {
  // NOLINTNEXTLINE(misc-include-cleaner): toml++ is meant to be included by one header only.
  const toml::table file = toml::parse(text);
  return read_mcp_settings(*file["mcp"].as_table(), given);
}

TEST(McpSettingsTest, AProgramIsDeclaredWithItsArgumentsAndVariables) {
  const auto servers = read(R"(
    [mcp.files]
    command = ["npx", "-y", "server", "/srv/a b"]
    directory = "/srv"
    call_timeout = "5m"
    environment = { TOKEN = "a-${SECRET}-b${OTHER}", PLAIN = "$x" })",
                            {{"SECRET", "s"}, {"OTHER", ""}});
  ASSERT_TRUE(servers) << servers.error().message;
  const McpServerSettings& files = servers->at(0);
  EXPECT_EQ(files.name, "files");
  EXPECT_EQ(files.era, McpEraChoice::automatic);
  EXPECT_EQ(files.limits.call, 5min);
  EXPECT_EQ(files.limits.longest_call, 10min);
  const auto& command = std::get<StdioCommand>(files.at);
  EXPECT_EQ(command.command, (std::vector<std::string>{"npx", "-y", "server", "/srv/a b"}));
  EXPECT_EQ(command.directory, "/srv");
  EXPECT_EQ(command.environment.at("TOKEN"), "a-s-b");
  EXPECT_EQ(command.environment.at("PLAIN"), "$x");
  EXPECT_EQ(command.secrets, (std::vector<std::string>{"s", ""}));
}

TEST(McpSettingsTest, AnEndpointMayBePrivateAndHasHeaders) {
  const auto servers = read(R"(
    [mcp.orders]
    url = "http://10.0.0.5:3000/mcp"
    era = "legacy"
    headers = { Authorization = "Bearer ${TOKEN}" })",
                            {{"TOKEN", "t"}});
  ASSERT_TRUE(servers) << servers.error().message;
  const auto& endpoint = std::get<McpEndpoint>(servers->at(0).at);
  EXPECT_TRUE(endpoint.allowance && endpoint.allowance->covers("10.0.0.5", 3000));
  EXPECT_EQ(endpoint.headers.at(0).name, "Authorization");
  EXPECT_EQ(endpoint.headers.at(0).value, "Bearer t");
  EXPECT_EQ(servers->at(0).era, McpEraChoice::legacy);
}

TEST(McpSettingsTest, EverythingThatIsWrongIsToldAtOnce) {
  const auto refused = read(R"(
    [mcp.Files]
    command = ["a"]
    [mcp.a]
    comand = ["a"]
    [mcp.b]
    command = "npx server"
    url = "http://example.com"
    call_timeout = 30
    era = "old"
    environment = { A = "${NOWHERE}" }
    [mcp.c]
    url = "ftp://example.com")");
  ASSERT_FALSE(refused);
  const std::string& message = refused.error().message;
  for (const std::string_view part :
       {"mcp.Files must be a table whose name", "mcp.a.comand is unknown; did you mean command?",
        "mcp.a.command or url is missing", "mcp.b.command must be a list of texts",
        "mcp.b.url is not of a server with a command", "mcp.b.call_timeout must be a duration",
        "mcp.b.era must be one of",
        "mcp.b.environment.A needs the environment variable NOWHERE, which is not set",
        "mcp.c.url must be the URL"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
  }
}

}  // namespace
}  // namespace bellpull
