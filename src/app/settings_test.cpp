#include "app/settings.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    file = std::filesystem::temp_directory_path() /
           ("settings_test_" + std::to_string(::getpid()) + ".toml");
  }
  void TearDown() override { std::filesystem::remove(file); }

  void write(const std::string& text) { std::ofstream{file} << text; }

  Result<Settings> settings(std::vector<std::string> arguments,
                            const Environment& environment = {}) {
    if (std::filesystem::exists(file)) {
      arguments.emplace_back("--config");
      arguments.push_back(file.string());
    }
    std::optional<int> exit_code;
    return read_settings(arguments, environment, exit_code);
  }

  std::filesystem::path file;
};

TEST_F(SettingsTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  EXPECT_EQ(settings({})->grace, 30s);
  write("grace = \"1s\"\nworkers = 3\n");
  EXPECT_EQ(settings({})->grace, 1s);
  EXPECT_EQ(settings({}, {{"BELLPULL_GRACE", "2s"}})->grace, 2s);
  EXPECT_EQ(settings({"--grace", "3s"}, {{"BELLPULL_GRACE", "2s"}})->grace, 3s);
  EXPECT_EQ(settings({})->workers, 3);
}

TEST_F(SettingsTest, AnUnknownKeyIsAnErrorWithASuggestion) {
  write("[egres]\nallow = [\"a\"]\n");
  const auto refused = settings({});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("egres.allow"), std::string::npos);
  EXPECT_EQ(refused.error().hint, "did you mean egress.allow?");
}

TEST_F(SettingsTest, AnUnknownVariableOrFlagIsOneToo) {
  const auto variable = settings({}, {{"BELLPULL_GRASE", "1s"}});
  ASSERT_FALSE(variable);
  EXPECT_EQ(variable.error().hint, "did you mean BELLPULL_GRACE?");
  const auto flag = settings({"--grase", "1s"});
  ASSERT_FALSE(flag);
  EXPECT_EQ(flag.error().hint, "did you mean --grace?");
}

TEST_F(SettingsTest, AValueThatIsNoneNamesItsPlace) {
  const auto refused = settings({"--listen", "8484"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "--listen must be ADDRESS:PORT, such as 127.0.0.1:8484");
  write("grace = 30\n");
  const auto unit = settings({});
  ASSERT_FALSE(unit);
  EXPECT_NE(unit.error().message.find("grace must be a duration"), std::string::npos);
}

TEST_F(SettingsTest, ListsComeFromArraysAndFromCommas) {
  write("[egress]\nallow = [\"10.0.0.0/8\", \".corp\"]\n");
  EXPECT_EQ(settings({})->egress_allow, (std::vector<std::string>{"10.0.0.0/8", ".corp"}));
  EXPECT_EQ(settings({"--egress-allow", "a.b, c.d"})->egress_allow,
            (std::vector<std::string>{"a.b", "c.d"}));
}

TEST_F(SettingsTest, OriginsAreAsABrowserSendsThem) {
  EXPECT_EQ(settings({})->origins, (std::vector<std::string>{"*"}));
  EXPECT_EQ(settings({"--api-origins", "https://app.example, http://127.0.0.1:3000"})->origins,
            (std::vector<std::string>{"https://app.example", "http://127.0.0.1:3000"}));
  EXPECT_TRUE(settings({"--api-origins", ""})->origins.empty()) << "no other origin at all";
  for (const std::string wrong : {"app.example", "https://app.example/", "https://*.example"}) {
    EXPECT_FALSE(settings({"--api-origins", wrong})) << wrong;
  }
}

TEST_F(SettingsTest, TheUsualVariablesOfOpenAiAreKnown) {
  const auto read = settings({}, {{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "http://h:1/v1"}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->openai_api_key, "k");
  EXPECT_EQ(read->openai_base_url, "http://h:1/v1");
  EXPECT_TRUE(read->openai_is_configured);
}

TEST_F(SettingsTest, AnEmptyVariableOfOpenAiIsNone) {
  write("[openai]\nbase_url = \"http://h:1/v1\"\n");
  const auto read = settings({}, {{"OPENAI_API_KEY", ""}, {"OPENAI_BASE_URL", ""}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->openai_base_url, "http://h:1/v1");
  std::filesystem::remove(file);
  EXPECT_FALSE(settings({}, {{"OPENAI_BASE_URL", ""}})->openai_is_configured);
}

TEST_F(SettingsTest, ABurstNeedsARate) {
  EXPECT_EQ(settings({})->trigger_rate.per_second, 0);
  write("[ingest]\ntrigger_rate = 20\ntrigger_burst = 50\n");
  EXPECT_EQ(settings({})->trigger_rate.per_second, 20);
  EXPECT_EQ(settings({})->trigger_rate.burst, 50);
  write("[ingest]\ntrigger_burst = 50\n");
  EXPECT_FALSE(settings({}));
}

TEST_F(SettingsTest, AKeyCountsForADayUnlessSetToAnotherSaneTime) {
  EXPECT_EQ(settings({})->keys.lifetime, 24h);
  EXPECT_EQ(settings({"--idempotency-ttl", "90m"})->keys.lifetime, 90min);
  EXPECT_EQ(settings({"--idempotency-ttl", "720h"})->keys.lifetime, 720h);
  for (const char* value : {"0s", "999ms", "721h", "1000000000h", "24"}) {
    EXPECT_FALSE(settings({"--idempotency-ttl", value})) << value;
  }
  EXPECT_EQ(settings({"--idempotency-account-bytes", "1000"})->keys.account_bytes, 1000);
}

TEST_F(SettingsTest, DatabasesAreDeclaredByName) {
  write(
      "[database.crm]\npostgresql = \"postgresql://reader@h/crm\"\nmax_rows = 50\n"
      "[database.shop_eu]\nsqlite = \"/srv/shop.db\"\nwritable = true\ntimeout = \"2s\"\n");
  const auto read = settings({}, {{"BELLPULL_DATABASE_CRM_PASSWORD", "s3cret"},
                                  {"BELLPULL_DATABASE_CRM_MAX_ROWS", "60"},
                                  {"BELLPULL_DATABASE_MORE_SQLITE", "/srv/more.db"}});
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->databases.size(), 3U);
  EXPECT_EQ(read->databases[0].name, "crm");
  EXPECT_EQ(read->databases[0].postgresql, "postgresql://reader@h/crm");
  EXPECT_EQ(read->databases[0].password, "s3cret");
  EXPECT_EQ(read->databases[0].max_rows, 60U) << "variable beats file";
  EXPECT_FALSE(read->databases[0].writable);
  EXPECT_EQ(read->databases[0].max_bytes, 262'144U);
  EXPECT_EQ(read->databases[0].timeout, 10s);
  EXPECT_TRUE(read->databases[1].writable);
  EXPECT_EQ(read->databases[1].timeout, 2s);
  EXPECT_EQ(read->databases[2].name, "more");
}

TEST_F(SettingsTest, ADatabasesMistakesAreNamedWithTheirPlace) {
  write("[database.crm]\nsqlit = \"/a\"\n");
  EXPECT_EQ(settings({}).error().hint, "did you mean database.crm.sqlite?");
  write("[database.Crm]\nsqlite = \"/a\"\n");
  EXPECT_EQ(settings({}).error().message, "\"Crm\" can't be the name of a database");
  write("[database.crm]\npool = 0\n");
  EXPECT_NE(settings({}).error().message.find("database.crm.pool must be"), std::string::npos);
  std::filesystem::remove(file);
  EXPECT_FALSE(settings({}, {{"BELLPULL_DATABASE_CRM_TIMEOUT", "0s"}}));
  EXPECT_FALSE(settings({}, {{"BELLPULL_DATABASE_SQLITE", "/a"}})) << "it has no name";
  EXPECT_FALSE(settings({"--database-crm-password", "s3cret"})) << "nothing of it is a flag";
}

TEST_F(SettingsTest, ACertificateNeedsItsKey) { EXPECT_FALSE(settings({"--tls-cert", "c.pem"})); }

}  // namespace
}  // namespace bellpull
