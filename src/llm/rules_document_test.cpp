// Follows every example of docs/rules.md: a block of rules, then events and what they lead to.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "llm/provider.h"
#include "llm/rules_problem.h"
#include "llm/rules_program.h"
#include "llm/rules_stage_test.h"

namespace bellpull {
namespace {

struct Block {
  std::string language;
  std::string text;
};

std::vector<Block> blocks_of_document() {
  const auto root = std::filesystem::path{__FILE__}.parent_path() / ".." / "..";
  std::ifstream file(root / "docs" / "rules.md");
  std::vector<Block> blocks;
  bool is_open = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```") && !line.starts_with("````")) {
      if (!is_open) blocks.push_back({.language = line.substr(3), .text = ""});
      is_open = !is_open;
    } else if (is_open) {
      blocks.back().text += line + '\n';
    }
  }
  return blocks;
}

// The first word and the rest of each line.
std::vector<std::pair<std::string, std::string>> lines_of(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t blank = line.find(' ');
    lines.emplace_back(line.substr(0, blank), line.substr(blank + 1));
  }
  return lines;
}

std::vector<ToolDefinition> tools() {
  return {
      rules_tool("stock_query", "stock query", R"(["sku"])", R"({"sku":{}})"),
      rules_tool("confirmation_mail", "confirmation mail", R"(["to","subject","text"])",
                 R"({"to":{},"subject":{},"text":{}})"),
      rules_tool("fulfil_order", "fulfil order", R"(["order"])", R"({"order":{},"express":{}})")};
}

// Plays the results of `story` to the program and gives the story as it really went.
std::string follow(const std::string& program, const std::string& event, const std::string& story) {
  RulesStage stage(program, event, tools());
  const auto lines = lines_of(story);
  auto next_result = lines.begin();
  std::string told;
  while (true) {
    const auto answer = stage.ask();
    if (!answer) return told + "broken " + answer.error().message + '\n';
    std::string text = answer->text;
    std::ranges::replace(text, '\n', ' ');
    const auto doubled = [](char one, char other) { return one == ' ' && other == ' '; };
    text.erase(std::unique(text.begin(), text.end(), doubled), text.end());
    if (!text.empty()) told += "says " + text + '\n';
    const ToolCall& first = answer->calls.front();
    if (first.name.starts_with('_')) {
      const std::string reason =
          std::string{boost::json::parse(first.arguments).at("reason").as_string()};
      return told + (first.name == "_success" ? "succeeds " : "fails ") + reason + '\n';
    }
    for (const ToolCall& call : answer->calls)
      told += "calls " + call.name + ' ' + call.arguments + '\n';
    for (const ToolCall& call : answer->calls) {
      next_result = std::find_if(next_result, lines.end(), [](const auto& line) {
        return line.first == "gets" || line.first == "error";
      });
      if (next_result == lines.end()) return told + "no result in the story\n";
      told += next_result->first + ' ' + next_result->second + '\n';
      stage.give(call, next_result->second, next_result->first == "error");
      ++next_result;
    }
  }
}

std::string problems_of(const std::string& program) {
  RulesProblems problems;
  read_rules(program, tools(), problems);
  std::istringstream stream(problems.text());
  std::string told;
  for (std::string line; std::getline(stream, line);) told += "broken " + line + '\n';
  return told;
}

TEST(RulesDocumentTest, EveryExampleGoesAsItSays) {
  std::string program;
  std::string event;
  std::size_t followed = 0;
  std::size_t programs = 0;
  for (const Block& block : blocks_of_document()) {
    if (block.language == "rules") {
      program = block.text;
      event.clear();
      ++programs;
    } else if (block.language == "json") {
      event = block.text;
    } else if (block.language == "text") {
      EXPECT_EQ(event.empty() ? problems_of(program) : follow(program, event, block.text),
                block.text)
          << program;
      ++followed;
    }
  }
  EXPECT_EQ(programs, 5U);
  EXPECT_EQ(followed, 9U);
}

}  // namespace
}  // namespace bellpull
