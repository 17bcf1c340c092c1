
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/cli_fixture_test.h"

namespace bellpull::cli {
namespace {

class ConfigurationTest : public CliTest {
 protected:
  ConfigurationTest() { environment_ = {{"XDG_CONFIG_HOME", (folder_ / "home").string()}}; }

  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream{folder_ / path} << text;
  }
  // Value and origin, as `config list --origin` shows them.
  std::string found(const std::string& key, std::vector<std::string> flags = {}) {
    std::vector<std::string> words{"config", "list", "--origin"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const std::size_t at = ("\n" + ran.out).find("\n" + key + "\t");
    if (at == std::string::npos) return "none";
    return ran.out.substr(at, ran.out.find('\n', at) - at);
  }
};

TEST_F(ConfigurationTest, EachSourceWinsOverTheNext) {
  EXPECT_EQ(found("url"), "url\thttp://127.0.0.1:8484\tbuilt-in");

  const std::string left = (folder_ / "data" / "server.json").string();
  write("data/server.json", R"({"url": "http://127.0.0.1:1", "pid": 1})");
  EXPECT_EQ(found("url"), "url\thttp://127.0.0.1:1\t" + left);

  write("home/bellpull/config.toml", "url = 'http://user'");
  EXPECT_EQ(found("url"), "url\thttp://user\t" + (folder_ / "home/bellpull/config.toml").string());

  write("bellpull.toml", "url = 'http://project'\n[egress]\nallow = ['x']");
  EXPECT_EQ(found("url"), "url\thttp://project\t" + (folder_ / "bellpull.toml").string());

  environment_["BELLPULL_URL"] = "http://variable";
  EXPECT_EQ(found("url"), "url\thttp://variable\tBELLPULL_URL");
  EXPECT_EQ(found("url", {"--url", "http://flag"}), "url\thttp://flag\t--url");
}

TEST_F(ConfigurationTest, ALocalServersAdminTokenIsFoundInItsDataDirectory) {
  write("elsewhere/admin.token", "sk-0123456789012345678901234567890\n");
  EXPECT_EQ(found("token", {"--data", "elsewhere"}),
            "token\tsk-0123…\t" + (folder_ / "elsewhere/admin.token").string());
}

TEST_F(ConfigurationTest, TheAdminTokenIsNeverSentToAnotherMachine) {
  write("data/admin.token", "sk-0123456789012345678901234567890");
  EXPECT_EQ(found("token", {"--url", "http://collector.example"}), "token\t\tnot set");
}

TEST_F(ConfigurationTest, ATokenMayStandInAFile) {
  write("secret", "sk-from-a-file-that-is-long-enough\n");
  environment_["BELLPULL_TOKEN_FILE"] = "secret";
  EXPECT_TRUE(found("token").starts_with("token\tsk-from…\tBELLPULL_TOKEN_FILE")) << found("token");

  environment_["BELLPULL_TOKEN_FILE"] = "missing";
  const Ran ran = run({"config", "list"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.err.find("can't be read"), std::string::npos);
}

TEST_F(ConfigurationTest, AMisspeltKeyIsAnErrorButTheServersOwnAreNot) {
  write("bellpull.toml", "tokn = 'sk-1'\nlisten = '127.0.0.1:1'");
  const Ran ran = run({"config", "list"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.err.find("Did you mean \"token\"?"), std::string::npos) << ran.err;

  write("bellpull.toml", "listen = '127.0.0.1:1'\nworkers = 3");
  EXPECT_EQ(run({"config", "list"}).exit_code, 0);
}

TEST_F(ConfigurationTest, AUrlThatIsNoneNamesItsOrigin) {
  environment_["BELLPULL_URL"] = "127.0.0.1:8484";
  const Ran ran = run({"bot", "list"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.err.find("from BELLPULL_URL is not valid"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace bellpull::cli
