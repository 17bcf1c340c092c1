#include "cli/help.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture_test.h"
#include "cli/command.h"
#include "cli/command_table.h"

namespace bellpull::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Help : public CliTest {
 protected:
  static std::string text_of(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
};

TEST_F(Help, OfEveryCommandBeginsWithThreeExamples) {
  for (const Command& command : all_commands()) {
    SCOPED_TRACE(command.full_name());
    const std::string help = command_help(command);
    const std::size_t examples = help.find("Examples:");
    ASSERT_NE(examples, std::string::npos);
    EXPECT_LT(examples, help.find("Options"));
    std::set<std::string_view> different;
    for (const Example& example : command.examples) {
      different.insert(example.line);
      EXPECT_THAT(std::string{example.line}, HasSubstr("bellpull "));
      EXPECT_FALSE(example.purpose.empty());
    }
    EXPECT_EQ(different.size(), 3U);
  }
}

TEST_F(Help, IsFoundFromEverywhere) {
  const std::string of_send = run({"event", "send", "--help"}).out;
  EXPECT_THAT(of_send, HasSubstr("Usage:  bellpull event send TRIGGER [options]"));
  EXPECT_EQ(run({"help", "event", "send"}).out, of_send);
  EXPECT_EQ(run({"events", "send", "orders", "-h"}).out, of_send);
  EXPECT_THAT(run({"event", "--help"}).out, HasSubstr("event tail"));
  EXPECT_THAT(run({"--help"}).out, HasSubstr("serve"));
}

TEST_F(Help, ListsTheExitCodes) {
  const std::string text = run({"help", "exit-codes"}).out;
  EXPECT_THAT(text, HasSubstr("    5  server not reachable\n"));
  EXPECT_THAT(text, HasSubstr("  130  interrupted\n"));
}

TEST_F(Help, OfTheVersionIsOneLine) {
  EXPECT_THAT(run({"version"}).out, testing::StartsWith("bellpull "));
  EXPECT_TRUE(run({"version", "--json"}).json().contains("version"));
}

TEST_F(Help, IsWhatTheCommittedPagesSay) {
  const fs::path committed = fs::path{__FILE__}.parent_path() / ".." / ".." / "docs" / "cli";
  ASSERT_EQ(run({"help", "--markdown", "pages"}).exit_code, 0);
  std::size_t pages = 0;
  for (const auto& page : fs::directory_iterator{folder_ / "pages"}) {
    ++pages;
    EXPECT_EQ(text_of(page.path()), text_of(committed / page.path().filename()))
        << page.path().filename() << ": run `bellpull help --markdown docs/cli`";
  }
  EXPECT_GT(pages, 10U);
}

}  // namespace
}  // namespace bellpull::cli
