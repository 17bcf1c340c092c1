#include "action/yaml_template.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/action.h"
#include "action/block.h"
#include "action/shape.h"
#include "base/task.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

// An action with fields, which is read and never made.
class Read final : public Action {
 public:
  const ActionShape& shape() const override {
    static const ActionShape shape{.main = "text", .fields = {"to", "meta"}};
    return shape;
  }
  bool is_idempotent(const ActionRequest& /*request*/) const override { return true; }
  Task<ActionOutcome> execute(ActionRequest /*request*/) override { co_return ActionOutcome{}; }
};

std::string problem_of(std::string_view text) {
  const auto read = read_yaml_template(text);
  return read ? "" : read.error().message;
}

// Of the text of a block.
std::string block_problem_of(std::string_view text) {
  const Read action;
  const auto block = read_block("read", text, {}, &action);
  return block ? "" : block.error().message;
}

// Five lines that stand for 20^4 fields: each level names the one before twenty times.
std::string bomb() {
  std::string text = "!echo\nl0: &l0 !string {name: n0}\n";
  for (int level = 1; level < 6; ++level) {
    text += fmt::format("l{}: &l{} !object {{name: n{}, properties: {{", level, level, level);
    for (int i = 0; i < 20; ++i) text += fmt::format("p{}: *l{}, ", i, level - 1);
    text += "}}\n";
  }
  return text;
}

TEST(YamlTemplateTest, NothingThatIsRepeatedIsRead) {
  constexpr auto told = "Line 2 of the instruction: anchors (&name) are not taken";
  EXPECT_THAT(problem_of(bomb()), HasSubstr(told));
  EXPECT_THAT(problem_of("a: 1\nb: &b [x, x]\nc: [*b, *b]"), HasSubstr(told));
  EXPECT_THAT(problem_of("a: 1\n&b b: 2"), HasSubstr(told));
  EXPECT_THAT(problem_of("a: &b\nb: *b"), HasSubstr("Line 1 of the instruction: anchors"));
  EXPECT_THAT(problem_of("template: fetch/request\nparameters: &p {url: x}"), HasSubstr(told));
  EXPECT_EQ(problem_of("a: \"&b *b\"\nc: x & y * z\nd: https://x.example/?a=1&b=2*3"), "");
}

TEST(YamlTemplateTest, AMapOfFieldsIsToldItsMistakeAndAnyOtherTextIsATextStill) {
  EXPECT_THAT(block_problem_of("meta: &m [x]\nto: *m"),
              HasSubstr("Line 1 of the instruction: anchors"));
  EXPECT_THAT(block_problem_of("later: &m [x]\nto?: *m"), HasSubstr("anchors"));
  EXPECT_THAT(block_problem_of("to: !text {name: a}"), HasSubstr("has the unknown tag !text"));
  EXPECT_EQ(block_problem_of("note: &m [x]\nother: *m"), "");
  EXPECT_EQ(block_problem_of("* one\n* two"), "");
  EXPECT_EQ(block_problem_of("to: *bold*"), "");
}

TEST(YamlTemplateTest, AnInstructionHasSoManyValuesAndIsSoDeep) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(problem_of(nested(64)), "");
  EXPECT_THAT(problem_of(nested(65)), HasSubstr("Line 1 of the instruction: values are nested"));
  EXPECT_THAT(problem_of(nested(5'000)), HasSubstr("Line 1 of the instruction"));
  std::string list = "a:\n";
  for (int i = 0; i < 9'900; ++i) list += "- 1\n";
  EXPECT_EQ(problem_of(list), "");
  for (int i = 0; i < 200; ++i) list += "- 1\n";
  EXPECT_THAT(problem_of(list), HasSubstr("makes it too large"));
  for (int i = 0; i < 10'000; ++i) list += "- 1\n";
  EXPECT_THAT(problem_of(list), HasSubstr("there are too many values"));
}

TEST(YamlTemplateTest, WhatAFieldDeclaresCountsAsWell) {
  std::string many = "a: !array {name: a, items: !string {name: b, enum: [";
  for (int i = 0; i < 9'900; ++i) many += "x, ";
  EXPECT_EQ(problem_of(many + "]}}"), "");
  for (int i = 0; i < 200; ++i) many += "x, ";
  EXPECT_THAT(problem_of(many + "]}}"), HasSubstr("makes it too large"));
}

TEST(YamlTemplateTest, TheKeysOfTheRootAreKnownOfYamlOnly) {
  EXPECT_EQ(yaml_root_keys("a?: &x {b: 1}\n$[c]: [d]\ne: *x"),
            (std::vector<std::string>{"a",
                                      "\xEE\x80\x80"
                                      "0\xEE\x80\x81",
                                      "e"}));
  EXPECT_EQ(yaml_root_keys("[a, b]"), std::vector<std::string>{});
  EXPECT_EQ(yaml_root_keys("a: 1\nb: ["), std::vector<std::string>{});
}

}  // namespace
}  // namespace bellpull
