#include "cli/help.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/arguments.h"
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

// The words of a shell line up to its first pipe or redirection.
std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words{""};
  char quote = '\0';
  for (const char c : line) {
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        words.back() += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '|' || c == '>') {
      break;
    } else if (c != ' ') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

TEST_F(Help, ShowsExamplesThatTheParserTakes) {
  for (const Command& command : all_commands()) {
    for (const Example& example : command.examples) {
      SCOPED_TRACE(example.line);
      std::vector<std::string> words = shell_words(example.line);
      if (words.front() != "bellpull") continue;
      words.erase(words.begin());
      const auto selection = select_command(words);
      ASSERT_TRUE(selection);
      EXPECT_EQ(selection->command, &command);
      std::vector<Option> options = command.options;
      options.insert(options.end(), global_options().begin(), global_options().end());
      const auto parsed = Arguments::parse(command.parameters, options, selection->rest);
      ASSERT_TRUE(parsed) << parsed.error().message;
      for (const Parameter& parameter : command.parameters) {
        EXPECT_TRUE(parameter.need == Need::optional || parsed->has(parameter.name));
      }
    }
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
