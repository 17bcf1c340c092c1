// What is told of a broken program, and where its text is found.
#include "llm/rules_program.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llm/provider.h"
#include "llm/rules_problem.h"
#include "llm/rules_stage_test.h"
#include "llm/rules_yaml.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

std::string problems_of(std::string_view backstory) {
  RulesProblems problems;
  const std::vector<ToolDefinition> tools = {
      rules_tool("stock", "stock query", R"(["sku"])", R"({"sku":{},"shop":{}})"),
      open_tool("mail", "mail"), open_tool("mail_2", "Mail to a person"),
      open_tool("mail_3", "Mail to a person"), open_tool("_success")};
  const auto program = read_rules(backstory, tools, problems);
  EXPECT_EQ(program.has_value(), problems.empty()) << backstory;
  return problems.text();
}

struct BrokenProgram {
  std::string_view text;
  std::string_view told;  // a part of it
};

TEST(RulesProgramTest, WhatIsWrongIsToldWithItsLine) {
  const std::vector<BrokenProgram> programs = {
      {"", "line 1: the backstory holds no program"},
      {"You are Bell.", "line 1: the backstory holds no program"},
      {"Be kind: always: yes", "line 1: without a block fenced as ```rules the whole backstory"},
      {"```rules\nrule: []\n```", "line 2: the program must begin with `rules:`"},
      {"```rules\n- reply: a\n```", "line 2: the program must begin with `rules:`"},
      {"rules:", "line 1: `rules` takes a list of rules"},
      {"rules: []", "line 1: `rules` takes a list of rules"},
      {"rules:\n  - reply: a\nversion: 2", "line 3: a program has no `version`, only `rules`"},
      {"rules:\n  - reply: a\nrules:\n  - reply: b", "line 3: `rules` is here a second time"},
      {"rules:\n  - text", "line 2: a rule is a map"},
      {"rules:\n  - when: { event.a: 1 }", "line 2: this rule does nothing"},
      {"rules:\n  - reply: a\n    fail: b", "line 3: `reply` and `fail` in one rule"},
      {"rules:\n  - reply: a\n    with: {}", "line 3: `with` belongs to a `call`"},
      {"rules:\n  - replies: a", "line 2: a rule has no `replies`"},
      {"rules:\n  - reply: [a]", "line 2: `reply` takes a text"},
      {"rules:\n  - fail:", "line 2: `fail` takes a text"},
      {"rules:\n  - do: { reply: a }", "line 2: `do` takes a list of rules"},
      // Calls.
      {"rules:\n  - call: stok", "line 2: there is no ability `stok`; there are: stock, mail"},
      {"rules:\n  - call: _success", "line 2: there is no ability `_success`"},
      {"rules:\n  - call: [mail]", "line 2: `call` takes the name of an ability"},
      {"rules:\n  - call: Mail to a person", "write `mail_2` or `mail_3`"},
      {"rules:\n  - call: stock", "line 2: `stock` needs `sku` under `with`"},
      {"rules:\n  - call: stock\n    with: { sku: 1, s: 2 }",
       "line 3: `stock` has no parameter `s`; it has sku, shop"},
      {"rules:\n  - call: mail\n    with: [1]", "line 3: `with` takes a map"},
      {"rules:\n  - call: mail\n    as: event", "line 3: `event` stands for something else"},
      {"rules:\n  - call: mail\n    as: any", "line 3: `as` takes a name"},
      {"rules:\n  - call: mail\n    as: a.b", "line 3: `as` takes a name"},
      {"rules:\n  - call: mail\n    as: m\n  - call: mail\n    as: m",
       "line 5: another call has the name `m`"},
      {"rules:\n  - call: mail\n    on_error: ignore", "line 3: `on_error` takes `continue`"},
      {"rules:\n  - call_all: { call: mail }", "line 2: `call_all` takes a list of calls"},
      {"rules:\n  - call_all:\n      - { call: mail, when: {} }",
       "line 3: a call of `call_all` has no `when`"},
      {"rules:\n  - call_all:\n      - { call: mail, as: one }\n      - call: mail\n        with: "
       "{ a: '{{ one }}' }",
       "line 5: in `{{ one }}`: `one` is not known here"},
      // Conditions.
      {"rules:\n  - when: true\n    reply: a", "line 2: a condition is a map"},
      {"rules:\n  - when: { body.a: 1 }\n    reply: a", "line 2: `body` in `body.a` is not known"},
      {"rules:\n  - when: { stock.a: 1 }\n    call: mail\n    as: stock",
       "line 2: `stock` in `stock.a` is not known"},
      {"rules:\n  - when: { 'event..a': 1 }\n    reply: a", "line 2: `event..a` is not a path"},
      {"rules:\n  - when: { event.a: [1, 2] }\n    reply: a", "{ in: [a, b] }"},
      {"rules:\n  - when: { event.a: }\n    reply: a", "line 2: `event.a` needs a value"},
      {"rules:\n  - when: { event.a: { over: 1 } }\n    reply: a", "there is no test `over`"},
      {"rules:\n  - when: { event.a: { above: [1] } }\n    reply: a", "`above` takes one value"},
      {"rules:\n  - when: { event.a: { above: } }\n    reply: a", "`above` needs a value"},
      {"rules:\n  - when: { event.a: { in: { b: 1 } } }\n    reply: a", "`in` takes a list"},
      {"rules:\n  - when: { event.a: { exists: maybe } }\n    reply: a", "takes true or false"},
      {"rules:\n  - when: { event: { failed: true } }\n    reply: a", "`failed` asks for a call"},
      {"rules:\n  - when: { any: { event.a: 1 } }\n    reply: a", "`any` takes a list"},
      {"rules:\n  - when: { all: [] }\n    reply: a", "`all` takes a list"},
      {"rules:\n  - when: { not: [] }\n    reply: a", "a condition is a map"},
      // Templates.
      {"rules:\n  - reply: 'a {{ event.b'", "line 2: `{{ event.b` is not closed"},
      {"rules:\n  - reply: '{{ event.b c }}'", "`event.b c` is not a path"},
      {"rules:\n  - reply: '{{}}'", "`` is not a path"},
      {"rules:\n  - reply: '{{ event.b | upper }}'", "after | only `default: value` is known"},
      {"rules:\n  - reply: '{{ order.b }}'", "`order` is not known here; known are event, contact"},
      {"rules:\n  - reply: {{ event.b }}", "a template is written in quotes"},
  };
  for (const BrokenProgram& broken : programs) {
    EXPECT_THAT(problems_of(broken.text), HasSubstr(broken.told)) << broken.text;
  }
}

TEST(RulesProgramTest, AllProblemsAreToldAtOnceInTheOrderOfTheirLines) {
  EXPECT_EQ(
      problems_of("rules:\n  - call: mail\n    as: 1\n    on_error: no\n  - fial: x\n"),
      "line 3: `as` takes a name of letters, digits and _, and none of `all`, `any` and "
      "`not`\n"
      "line 4: `on_error` takes `continue`, or `fail`, which is what happens without it\n"
      "line 5: a rule has no `fial`; beside `when`, a rule does one of call, call_all, reply, "
      "fail, succeed and do; several things, one after another, are a list under `do`\n"
      "line 5: this rule does nothing; a rule does one of call, call_all, reply, fail, "
      "succeed and do; several things, one after another, are a list under `do`");
  std::string many = "rules:\n";
  for (int i = 0; i < 30; ++i) many += "  - call: no\n";
  EXPECT_THAT(problems_of(many), HasSubstr("line 21: "));
  EXPECT_THAT(problems_of(many), testing::EndsWith("\nand 10 more"));
}

TEST(RulesProgramTest, WhatCouldGrowIsRefused) {
  EXPECT_THAT(problems_of("rules:\n  - &a { reply: x }\n  - *a"), HasSubstr("line 2: anchors"));
  EXPECT_THAT(problems_of("a: &a [x, x]\nb: &b [*a, *a]\nrules: [*b]"),
              HasSubstr("line 1: anchors"));
  EXPECT_NE(problems_of("rules: [*a]"), "");
  EXPECT_THAT(problems_of("rules:\n  - reply: !!str 1"), HasSubstr("line 2: tags"));
  EXPECT_THAT(problems_of("rules:\n  - reply: a\n---\nrules: []"), HasSubstr("a second document"));
  EXPECT_THAT(problems_of("rules: " + std::string(100, '[') + std::string(100, ']')),
              HasSubstr("nested deeper than 32"));
  EXPECT_THAT(problems_of("rules: [" + std::string(9000, ',') + "]"), HasSubstr("line 1: "));
  std::string wide = "rules:\n  - reply: a\nx: [";
  for (int i = 0; i < 9000; ++i) wide += "1,";
  EXPECT_THAT(problems_of(wide + "]"), HasSubstr("8192"));
  EXPECT_THAT(problems_of("rules:\n  - reply: " + std::string(max_program_bytes, 'x')),
              HasSubstr("at most 65536"));
  EXPECT_THAT(problems_of("rules:\n  - reply: \"a\\0b\""), HasSubstr("line 2: a zero byte"));

  std::string rules = "rules:\n";
  for (std::size_t i = 0; i < max_rules; ++i) rules += "  - reply: a\n";
  EXPECT_EQ(problems_of(rules), "");
  EXPECT_EQ(problems_of(rules + "  - reply: a\n"),
            "line 202: this is one rule too many; a program has at most 200");
  std::string calls = "rules:\n";
  for (std::size_t i = 0; i < max_rule_calls; ++i) calls += "  - call: mail\n";
  EXPECT_EQ(problems_of(calls), "");
  EXPECT_EQ(problems_of(calls + "  - call: mail\n"),
            "line 66: this is one call too many; a program has at most 64");
}

TEST(RulesProgramTest, TheProgramIsTheOnlyFencedBlockOrAllOfTheBackstory) {
  const std::string good = "rules:\n  - reply: a\n";
  EXPECT_EQ(problems_of(good), "");
  EXPECT_EQ(problems_of("Words: for: people\n\n```rules\n" + good + "```\nmore"), "");
  EXPECT_EQ(problems_of("```yaml\n" + good + "```"), "");
  EXPECT_EQ(problems_of("~~~rules title=x\r\n" + good + "~~~\r\n"), "");
  EXPECT_EQ(problems_of("```json\n{\n```\n```rules\n" + good + "```"), "");
  EXPECT_EQ(problems_of("````md\n```rules\nold\n```\n````\n```rules\n" + good + "```"), "")
      << "a block within a block is a text";
  EXPECT_EQ(problems_of("```rules\n" + good + "```\n\n```yaml\n" + good + "```"),
            "line 6: a second block of rules or yaml; the first is in line 1, and a backstory "
            "holds one program: put all rules into one block");
  EXPECT_EQ(problems_of("x\n```rules\n" + good),
            "line 2: the block is not closed; end it with a line of ```");
  EXPECT_THAT(problems_of("a\nb\n```rules\nrules:\n  - replay: a\n```"), HasSubstr("line 5: "))
      << "lines are those of the backstory";
}

TEST(RulesProgramTest, AbilitiesAreFoundByTheirOwnNameAndByTheirFunctions) {
  EXPECT_EQ(problems_of("rules:\n  - call: stock query\n    with: { sku: 1 }\n"), "");
  EXPECT_EQ(problems_of("rules:\n  - call: stock\n    with: { sku: 1 }\n"), "");
  EXPECT_EQ(problems_of("rules:\n  - call: mail_3\n"), "");
}

}  // namespace
}  // namespace bellpull
