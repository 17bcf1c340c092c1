#include "llm/rules_provider.h"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llm/provider.h"
#include "llm/rules_stage_test.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

std::vector<ToolDefinition> tools() {
  return {open_tool("stock", "stock query"), open_tool("mail"), open_tool("ship")};
}

RulesStage stage_of(std::string rules, std::string_view body = R"({"a":1})") {
  return RulesStage("rules:\n" + rules, body, tools());
}

// "mail({"to":"x"})", "mail({}) ship({})", "ok: reason", "failed: reason", "final: message".
std::string told(const std::expected<ModelAnswer, Failure>& answer) {
  if (!answer) {
    EXPECT_EQ(answer.error().failure_class, FailureClass::final);
    return answer.error().cause + ": " + answer.error().message;
  }
  EXPECT_EQ(answer->stop, StopReason::tool_calls);
  EXPECT_EQ(answer->model, "builtin/rules");
  std::string text;
  for (const ToolCall& call : answer->calls) {
    text += text.empty() ? "" : " ";
    if (call.name == "mail" || call.name == "stock" || call.name == "ship") {
      text += call.name + "(" + call.arguments + ")";
      continue;
    }
    text += call.name == "_success" ? "ok: " : "failed: ";
    text += boost::json::parse(call.arguments).at("reason").as_string();
  }
  return text;
}

// Whether a rule with this condition applies to the event.
std::string applies(std::string_view condition, std::string_view body) {
  const std::string answer = told(
      stage_of("  - when: { " + std::string{condition} + " }\n    succeed: yes\n", body).ask());
  if (answer == "ok: yes") return "yes";
  return answer == "ok: No rule applies to this event." ? "no" : answer;
}

TEST(RulesConditionTest, ConditionsHoldAsTheDocumentSays) {
  struct Case {
    std::string_view condition;
    std::string_view body;
    std::string_view answer;
  };
  constexpr std::string_view order =
      R"({"id":17,"key":"17","code":"007","total":99.5,"paid":true,"note":null,"big":9007199254740993,
          "tags":["new",3],"items":[{"sku":"A-1"},{"sku":"B-2"}],"due":"2026-02-01","order id":4,
          "0":"zero","empty":""})";
  const std::vector<Case> cases = {
      {"event.id: 17", order, "yes"},
      {"event.id: '17'", order, "yes"},
      {"event.id: 17.0", order, "yes"},
      {"event.id: 18", order, "no"},
      {"event.key: 17", order, "yes"},
      {"event.code: 007", order, "yes"},
      {"event.code: 7", order, "no"},
      {"event.big: 9007199254740993", order, "yes"},
      {"event.big: 9007199254740992", order, "no"},
      {"event.paid: true", order, "yes"},
      {"event.paid: 'true'", order, "no"},
      {"event.paid: { equals: false }", order, "no"},
      {"event.note: { exists: true }", order, "no"},
      {"event.note: { missing: true }", order, "yes"},
      {"event.note: { missing: false }", order, "no"},
      {"event.nothing.at.all: x", order, "no"},
      {"not: { event.nothing: x }", order, "yes"},
      {"event.empty: { exists: true }", order, "yes"},
      {"event.empty: ''", order, "yes"},
      {"event.total: { above: 99 }", order, "yes"},
      {"event.total: { above: 99.5 }", order, "no"},
      {"event.total: { at_least: 99.5, at_most: 99.5 }", order, "yes"},
      {"event.total: { at_least: 1, below: 50 }", order, "no"},
      {"event.key: { above: 9 }", order, "yes"},
      {"event.key: { above: '9' }", order, "yes"},
      {"event.due: { below: '2026-10-01' }", order, "yes"},
      {"event.due: { at_most: '2026-01-31' }", order, "no"},
      {"event.gone: { above: 1 }", order, "no"},
      {"event.tags: { above: 1 }", order,
       "failed: line 2: `event.tags` is a list, and has no order with a number (1)"},
      {"event.due: { above: 1 }", order,
       "failed: line 2: `event.due` is a text, and has no order with a number (1)"},
      {"event.tags: { contains: new }", order, "yes"},
      {"event.tags: { contains: 3 }", order, "yes"},
      {"event.tags: { contains: ne }", order, "no"},
      {"event.due: { contains: -02- }", order, "yes"},
      {"event.due: { contains: '' }", order, "yes"},
      {"event: { contains: order id }", order, "yes"},
      {"event.due: { starts_with: 2026, ends_with: '01' }", order, "yes"},
      {"event.tags: { starts_with: '[' }", order, "no"},
      {"event.id: { in: [16, 17] }", order, "yes"},
      {"event.key: { in: [a, 17] }", order, "yes"},
      {"event.id: { in: [1, 7] }", order, "no"},
      {"event.id: { in: '{{ event.tags }}' }", order, "no"},
      {"event.items.0.sku: { in: '{{ event.key }}' }", order,
       "failed: line 2: `in` takes a list, not a text"},
      {"event.id: '{{ event.key }}'", order, "yes"},
      {"event.id: { below: '{{ event.total }}' }", order, "yes"},
      {"event.tags: { equals: [new, 3] }", order, "yes"},
      {"event.pairs: { equals: [[1, 2], [3]] }", R"({"pairs":[[1,2],[3]]})", "yes"},
      {"event.items.1.sku: B-2", order, "yes"},
      {"'event.items[1].sku': B-2", order, "yes"},
      {"event.items.2.sku: { missing: true }", order, "yes"},
      {"event.items.x: { missing: true }", order, "yes"},
      {"event.0: zero", order, "yes"},
      {"'event.\"order id\"': 4", order, "yes"},
      {"all: [event.id: 17, event.paid: true]", order, "yes"},
      {"all: [event.id: 17, event.paid: false]", order, "no"},
      {"any: [event.id: 1, event.paid: true]", order, "yes"},
      {"any: [event.id: 1, event.paid: false]", order, "no"},
      {"not: { event.id: 17, event.paid: false }", order, "yes"},
      {"not: { any: [event.id: 17] }", order, "no"},
      {"event.id: 17, event.paid: false", order, "no"},
      {"event: plain words", "plain words", "yes"},
      {"event: { contains: plain }, event.a: { missing: true }", "plain words", "yes"},
      {"event: { missing: true }", "null", "yes"},
      {"event.0: 5", "[5]", "yes"},
      {"contact.email: ann@x.example, trigger.meta.team: ops", "x", "yes"},
      {"envelope.event.method: POST, envelope.timezone: UTC, envelope.body: { missing: true }", "x",
       "yes"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(applies(one.condition, one.body), one.answer) << one.condition;
  }
}

TEST(RulesTemplateTest, ValuesAreWrittenAsTheDocumentSays) {
  struct Case {
    std::string_view value;
    std::string_view written;
  };
  constexpr std::string_view body =
      R"({"n":1.5,"i":7,"t":"x\"y","b":false,"z":null,"l":[1,{"k":"v"}],"o":{"k":[]},"evil":"{{ event.i }}"})";
  const std::vector<Case> cases = {
      {"'{{ event.i }}'", "7"},
      {"'{{event.b}}'", "false"},
      {"'{{ event.l }}'", R"([1,{"k":"v"}])"},
      {"'{{ event.l.1.k }}'", R"("v")"},
      {"' {{ event.i }}'", R"(" 7")"},
      {"'{{ event.i }}{{ event.t }}'", R"("7x\"y")"},
      {"'n={{ event.n }} l={{ event.l }} o={{ event.o }}'",
       R"("n=1.5 l=[1,{\"k\":\"v\"}] o={\"k\":[]}")"},
      {"'{{ event.evil }} {{ event.evil }}'", R"("{{ event.i }} {{ event.i }}")"},
      {"'{{ event.z | default: none }}'", R"("none")"},
      {"'{{ event.no.such | default: 3 }}'", "3"},
      {"'{{ event.no | default: true }}'", "true"},
      {"'{{ event.no | default: null }}'", "null"},
      {"'{{ event.no | default: \"3\" }}'", R"("3")"},
      {"'{{ event.no | default: \"}} | x\" }}'", R"("}} | x")"},
      {"'a{{ event.no | default: }}b'", R"("ab")"},
      {"'a{{ event.no | default: null }}b'", R"("ab")"},
      {"'{{ event.i | default: 3 }}'", "7"},
      {"'{{ \"{{\" }} x }}'", R"("{{ x }}")"},
      {"'}} and { and | and {'", R"("}} and { and | and {")"},
      {"{ a: ['{{ event.i }}', { b: '{{ event.t }}' }], c: ~ }",
       R"({"a":[7,{"b":"x\"y"}],"c":null})"},
      {"[1, 2.5, true, '1', 007, yes, 1e999]", R"([1,2.5E0,true,"1","007","yes","1e999"])"},
      {"|-\n      two\n      lines {{ event.i }}", R"("two\nlines 7")"},
  };
  for (const Case& one : cases) {
    const std::string answer =
        told(stage_of("  - call: mail\n    with:\n     v: " + std::string{one.value} + "\n", body)
                 .ask());
    EXPECT_EQ(answer, R"(mail({"v":)" + std::string{one.written} + "})") << one.value;
  }
}

TEST(RulesTemplateTest, AMissingValueEndsTheRunAndIsNamed) {
  EXPECT_EQ(
      told(stage_of("  - reply: hi\n  - call: mail\n    with: { to: '{{ event.b.c }}' }\n").ask()),
      "failed: line 4: `event.b.c` has no value; ask for it with `exists` first, or write "
      "{{ event.b.c | default: ... }}");
  EXPECT_THAT(told(stage_of("  - reply: '{{ event.b }}'\n", "words").ask()),
              HasSubstr("`event.b` has no value: the event's body is no JSON, only a text"));
  EXPECT_THAT(told(stage_of("  - when: { event.b: 1 }\n    call: mail\n    as: m\n"
                            "  - reply: '{{ m.id }}'\n")
                       .ask()),
              HasSubstr("`m.id` has no value: the call `m` was not made in this run"));
}

TEST(RulesTemplateTest, WhatIsWrittenHasALimit) {
  const std::string body = R"({"t":")" + std::string(200'000, 'x') + R"("})";
  EXPECT_THAT(
      told(stage_of("  - call: mail\n    with: { a: '{{ event.t }}', b: '{{ event }}' }\n", body)
               .ask()),
      HasSubstr("failed: line 3: what is to be written here has more than 262144 bytes"));
  EXPECT_THAT(
      told(stage_of("  - reply: '{{ event.t }}'\n  - reply: '{{ event.t }}'\n", body).ask()),
      HasSubstr("failed: line 3: "));
  EXPECT_THAT(applies("event.t: '{{ event.t }}'", body), HasSubstr("more than 16384 bytes"));
}

TEST(RulesRunTest, CallsAreMadeOneAfterAnotherAndTheirResultsCanBeNamed) {
  RulesStage stage = stage_of(
      "  - reply: first\n"
      "  - call: stock query\n    with: { sku: '{{ event.a }}' }\n    as: stock\n"
      "  - reply: found {{ stock.rows.0.quantity }}\n"
      "  - when: { stock.rows.0.quantity: { below: 5 } }\n    call: mail\n"
      "  - reply: bye\n");
  const auto first = stage.ask();
  EXPECT_EQ(told(first), R"(stock({"sku":1}))");
  EXPECT_EQ(first->text, "first");
  stage.give(first->calls[0], R"({"rows":[{"quantity":4}]})");
  const auto second = stage.ask();
  EXPECT_EQ(told(second), "mail({})");
  EXPECT_EQ(second->text, "found 4") << "what was said is not said again";
  EXPECT_NE(second->calls[0].id, first->calls[0].id);
  stage.give(second->calls[0], "sent");
  const auto last = stage.ask();
  EXPECT_EQ(told(last), "ok: The rules were followed to their end; calls made: 2.");
  EXPECT_EQ(last->text, "bye");
}

TEST(RulesRunTest, TheSameTurnsGiveTheSameAnswer) {
  RulesStage stage =
      stage_of("  - call: stock\n    as: s\n  - call: mail\n    with: { s: '{{ s }}' }\n");
  for (std::size_t asked = 0; asked < 2; ++asked) {
    const auto once = rules_answer(stage.request);
    const auto again = rules_answer(stage.request);
    ASSERT_TRUE(once && again);
    EXPECT_EQ(told(once), told(again));
    EXPECT_EQ(once->calls[0].id, again->calls[0].id);
    stage.give(stage.ask()->calls[0], R"({"n":1})");
  }
}

TEST(RulesRunTest, ATextResultIsATextAndACutOneSaysSo) {
  RulesStage stage = stage_of("  - call: stock\n    as: s\n  - reply: got {{ s }}\n");
  stage.give(stage.ask()->calls[0], "not {json");
  EXPECT_EQ(stage.ask()->text, "got not {json");

  RulesStage cut = stage_of("  - call: stock\n    as: s\n  - reply: '{{ s.rows }}'\n");
  cut.give(cut.ask()->calls[0], R"({"rows":[1, [cut: 9 of 70000 bytes])");
  EXPECT_THAT(told(cut.ask()), HasSubstr("the result of `s` is so large that it was cut"));
}

TEST(RulesRunTest, AFailedCallEndsTheRunUnlessTheRuleGoesOn) {
  RulesStage stage = stage_of("  - call: stock query\n  - call: mail\n");
  stage.give(stage.ask()->calls[0], R"({"error":"unavailable","message":"try {{ event.a }}"})",
             true);
  EXPECT_EQ(told(stage.ask()),
            "failed: line 2: the call of `stock query` failed: unavailable: try {{ event.a }}");

  RulesStage patient = stage_of(
      "  - call: stock\n    as: s\n    on_error: continue\n"
      "  - when: { s: { failed: true } }\n    call: mail\n    with: { why: '{{ s.error }}' }\n"
      "  - when: { s: { failed: false } }\n    call: ship\n");
  patient.give(patient.ask()->calls[0], R"({"error":"down"})", true);
  EXPECT_EQ(told(patient.ask()), R"(mail({"why":"down"}))");

  RulesStage fine = stage_of("  - call: stock\n  - reply: ok\n");
  fine.give(fine.ask()->calls[0], R"({"error":"a field of that name"})");
  EXPECT_EQ(fine.ask()->text, "ok") << "only the agent says that a call failed";
}

TEST(RulesRunTest, CallsOfOneListAreMadeAtOnce) {
  RulesStage stage = stage_of(
      "  - call_all:\n      - { call: mail, with: { n: 1 }, as: one }\n"
      "      - { call: ship, as: two, on_error: continue }\n      - { call: stock }\n"
      "  - reply: '{{ one }} {{ two.error }}'\n");
  const auto all = stage.ask();
  ASSERT_EQ(told(all), R"(mail({"n":1}) ship({}) stock({}))");
  EXPECT_NE(all->calls[0].id, all->calls[1].id);
  stage.give(all->calls[1], R"({"error":"no"})", true);
  stage.give(all->calls[0], "sent");
  RulesStage broken = stage;
  stage.give(all->calls[2], "5");
  EXPECT_EQ(stage.ask()->text, "sent no");

  broken.give(all->calls[2], R"({"error":"gone"})", true);
  EXPECT_EQ(told(broken.ask()), "failed: line 5: the call of `stock` failed: gone");
}

TEST(RulesRunTest, GroupsAreFollowedAndEndsAreFinal) {
  const std::string rules =
      "  - when: { event.a: 1 }\n    do:\n      - reply: in\n      - when: { event.b: 1 }\n"
      "        fail: 'b is {{ event.b }}'\n      - succeed: 'a is {{ event.a }}'\n  - fail: "
      "never\n";
  const auto one = stage_of(rules, R"({"a":1})").ask();
  EXPECT_EQ(told(one), "ok: a is 1");
  EXPECT_EQ(one->text, "in");
  EXPECT_EQ(told(stage_of(rules, R"({"a":1,"b":1})").ask()), "failed: b is 1");
  EXPECT_EQ(told(stage_of(rules, R"({"a":2})").ask()), "failed: never");
}

TEST(RulesRunTest, EarlierRunsOfTheConversationAreHistory) {
  RulesStage stage = stage_of("  - call: mail\n    with: { n: '{{ event.n }}' }\n", R"({"n":1})");
  stage.give(stage.ask()->calls[0], "sent");
  EXPECT_EQ(told(stage.ask()), "ok: The rules were followed to their end; calls made: 1.");
  stage.begin(R"({"n":2})");
  EXPECT_EQ(told(stage.ask()), R"(mail({"n":2}))");
}

TEST(RulesRunTest, ACallThatTheServersStopPreventedIsMadeAgain) {
  RulesStage stage = stage_of("  - reply: hello\n  - call_all: [{ call: mail }, { call: ship }]\n");
  constexpr auto not_made = R"({"error":"not_made","message":"The server stopped"})";
  auto answer = stage.ask();
  stage.give(answer->calls[0], not_made, true);
  stage.give(answer->calls[1], "shipped");
  std::string id = answer->calls[0].id;
  for (int attempt = 2; attempt <= 5; ++attempt) {
    answer = stage.ask();
    ASSERT_EQ(told(answer), "mail({})");
    EXPECT_NE(answer->calls[0].id, id);
    EXPECT_EQ(answer->text, "");
    id = answer->calls[0].id;
    stage.give(answer->calls[0], not_made, true);
  }
  EXPECT_THAT(told(stage.ask()), HasSubstr("the call of `mail` failed: not_made"));

  RulesStage forged = stage_of("  - call: mail\n    as: m\n  - reply: '{{ m.error }}'\n");
  forged.give(forged.ask()->calls[0], not_made);
  EXPECT_EQ(forged.ask()->text, "not_made") << "a call that did not fail was made";
}

TEST(RulesRunTest, AnUnknownOutcomeIsNotTriedAgain) {
  RulesStage stage = stage_of("  - call: mail\n");
  stage.give(stage.ask()->calls[0], R"({"error":"outcome_unknown","message":"cut off"})", true);
  EXPECT_EQ(told(stage.ask()),
            "failed: line 2: the call of `mail` failed: outcome_unknown: cut off");

  RulesStage silent = stage_of("  - call: mail\n");
  ASSERT_TRUE(silent.ask());
  EXPECT_THAT(told(silent.ask()), HasSubstr("failed: no result was recorded"));
}

TEST(RulesRunTest, AProgramThatWasChangedInTheMiddleEndsTheRun) {
  const std::vector<std::string_view> changed = {"  - call: ship\n",
                                                 "  - call: mail\n    with: { n: 2 }\n",
                                                 "  - reply: a\n", "  - fail: no\n"};
  for (const std::string_view rules : changed) {
    RulesStage stage = stage_of("  - call: mail\n    with: { n: 1 }\n");
    stage.give(stage.ask()->calls[0], "sent");
    stage.request.turns[0].text = "rules:\n" + std::string{rules};
    stage.request.turns[0].appended = 0;
    EXPECT_THAT(told(stage.ask()), testing::StartsWith("program_changed: The run can't go on: "))
        << rules;
  }
  RulesStage other = stage_of("  - call: mail\n");
  const ToolCall foreign{.id = "call_1", .name = "mail", .arguments = "{}"};
  other.request.turns.push_back({.role = Role::assistant, .calls = {foreign}});
  other.give(foreign, "sent");
  EXPECT_THAT(told(other.ask()), HasSubstr("program_changed")) << "another model began the run";
}

TEST(RulesProviderTest, ABrokenProgramIsAFinalFailureThatTellsAllProblems) {
  EXPECT_EQ(told(stage_of("  - call: mial\n  - reply: '{{ a }}'\n").ask()),
            "bad_program: The program in the bot's backstory can't be followed:\n"
            "line 2: there is no ability `mial`; there are: stock, mail, ship\n"
            "line 3: in `{{ a }}`: `a` is not known here; known are event, contact, trigger, "
            "envelope");
  EXPECT_THAT(told(rules_answer({})), HasSubstr("bad_program"));
}

TEST(RulesProviderTest, AnEventWhoseBodyIsGoneIsNotJudged) {
  RulesStage stage = stage_of("  - reply: a\n");
  Turn& event = stage.request.turns[3];
  ASSERT_EQ(event.tool_name, "_getIncomingEvent");
  event.text = R"({"body":"","bodyRemovedAt":"2026-01-01T00:00:00.000Z"})";
  EXPECT_THAT(told(stage.ask()), testing::StartsWith("body_removed: "));
}

TEST(RulesProviderTest, OddEventsAreSurvived) {
  const std::string deep = std::string(400, '[') + std::string(400, ']');
  for (const std::string& body : {std::string{}, std::string{"[]"}, std::string{"\"{}\""}, deep}) {
    EXPECT_EQ(applies("event.a: { missing: true }", body), "yes") << body;
  }
  RulesStage stage = stage_of("  - when: { event: { missing: true } }\n    succeed: 'yes'\n");
  for (const std::string text : {"", "[]", "not json", "{}", R"({"error":"unknown_function"})"}) {
    stage.request.turns[3].text = text;
    EXPECT_EQ(told(stage.ask()), "ok: yes") << text;
    stage.request.turns.pop_back();
  }
}

TEST(RulesProviderTest, TheProviderGivesTheSameAnswer) {
  boost::asio::io_context context{1};
  RulesProvider provider;
  const RulesStage stage = stage_of("  - reply: hi\n");
  const auto answer = run_task(context, provider.complete(stage.request));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "hi");
}

}  // namespace
}  // namespace bellpull
