#include "agent/journal.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/action.h"
#include "agent/arguments.h"
#include "agent/call_key.h"
#include "agent/exchange.h"
#include "agent/model_catalog.h"
#include "agent/settling.h"
#include "base/json.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "llm/provider.h"
#include "store/run_records.h"
#include "support/scripted_provider.h"

namespace bellpull {
namespace {

namespace json = boost::json;

std::vector<Step> recorded(std::vector<NewStep> news) {
  std::vector<Step> steps;
  for (NewStep& step : news) {
    const auto number = static_cast<std::int64_t>(steps.size() + 1);
    steps.push_back(
        {.id = {RunId{1}, number}, .kind = step.kind, .content = std::move(step.content)});
  }
  return steps;
}

TEST(JournalTest, WhatWasRecordedIsReadBack) {
  ModelAnswer answer = calls({{"c1", "a", R"({"n":1})"}, {"c2", "a", "{broken"}}, "Hm.");
  answer.verbatim = R"({"signed":true})";
  const ActionOutcome settling{
      .result = "bye", .settles = Settlement::failure, .reason = "no stock"};
  const RecordedRun run = read_journal(
      {},
      recorded(
          {opened_step({{"ranAt", "now"}}), model_step(answer, Duration{5}),
           intent_step({.call = answer.calls[0], .key = "key1", .idempotent = true}, {{"n", 1}}),
           intent_step({.call = answer.calls[1], .key = "key2"}, {}),
           result_step(4, settling, Duration{1}), nudge_step("go on"),
           failure_step("broken pipe")}),
      100);
  EXPECT_TRUE(run.opened);
  EXPECT_EQ(run.last_step, 7);
  EXPECT_EQ(run.nudges, 1);
  ASSERT_EQ(run.exchanges.size(), 1U);
  const Exchange& exchange = run.exchanges.front();
  EXPECT_EQ(exchange.text, "Hm.");
  EXPECT_EQ(exchange.verbatim, answer.verbatim);
  EXPECT_EQ(exchange.stop, StopReason::tool_calls);
  EXPECT_EQ(exchange.nudge, "go on");
  EXPECT_EQ(exchange.calls.at(0).key, "key1");
  EXPECT_TRUE(exchange.calls.at(0).idempotent);
  EXPECT_FALSE(exchange.calls.at(0).done);
  EXPECT_FALSE(exchange.calls.at(1).idempotent);
  EXPECT_EQ(exchange.calls.at(1).call.arguments, "{broken");
  EXPECT_EQ(exchange.calls.at(1).result, "bye");
  EXPECT_EQ(exchange.calls.at(1).settles, RunState::failed);
  EXPECT_EQ(exchange.calls.at(1).reason, "no stock");
}

TEST(JournalTest, AnIntentThatDoesNotSaySoIsNotIdempotent) {
  const ModelAnswer answer = calls({{"c1", "a", "{}"}});
  const NewStep intent{.kind = StepKind::intent,
                       .content = R"({"call":"c1","name":"a","arguments":{},"key":"k"})"};
  const RecordedRun run =
      read_journal({}, recorded({model_step(answer, Duration{1}), intent}), 100);
  EXPECT_EQ(run.exchanges.at(0).calls.at(0).intent, 2);
  EXPECT_FALSE(run.exchanges.at(0).calls.at(0).idempotent);
}

TEST(JournalTest, WhateverAnActionGivesCanBeReadAgain) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const ActionOutcome outcome{.result = {{"bytes", "a\xFF"}, {"\xC3", json::array{infinite, 1.5}}}};
  const NewStep step = result_step(1, outcome, Duration{1});
  const auto read = read_stored(step.content);
  ASSERT_TRUE(read) << step.content;
  EXPECT_EQ(json::serialize(read->at("result")), "{\"bytes\":\"a\uFFFD\",\"\uFFFD\":[null,1.5E0]}");
}

TEST(JournalTest, ALongResultIsCutBetweenCharacters) {
  EXPECT_EQ(result_text("short", 10), "short");
  EXPECT_EQ(result_text(json::object{{"a", 1}}, 10), R"({"a":1})");
  EXPECT_EQ(result_text("ab\xC3\xA6z", 3), "ab [cut: 2 of 5 bytes]");
}

TEST(JournalTest, ARunThatNeverMetItsConversationShowsNothingThere) {
  const Ending ending{RunState::dead, "no_bot"};
  EXPECT_TRUE(settled_step(ending, Shown::nowhere).messages.empty());
  EXPECT_EQ(settled_step(ending, Shown::in_conversation).messages.size(), 2U);
  EXPECT_EQ(settled_step(ending, Shown::nowhere).content,
            R"({"status":"incomplete","outcome":"dead","reason":"no_bot"})");
}

TEST(ArgumentsTest, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_TRUE(read_arguments(" ")->empty());
  EXPECT_EQ(read_arguments("{\"a\":1}\n")->at("a"), json::value(1));
  EXPECT_THAT(read_arguments("{\"a\":").error().message, testing::HasSubstr("incomplete"));
  EXPECT_THAT(read_arguments("{} {}").error().message, testing::HasSubstr("extra data"));
  EXPECT_THAT(read_arguments("\"x\"").error().message, testing::HasSubstr("not string"));
  EXPECT_FALSE(read_arguments(std::string(100, '[')));
}

TEST(CallKeyTest, ACallHasAKeyOfItsOwn) {
  TriggerId here{.key = {1}};
  TriggerId there{.key = {1}};
  there.tag[0] = 1;
  EXPECT_EQ(call_key(run_key(here, RunId{5}), 3), call_key(run_key(here, RunId{5}), 3));
  EXPECT_NE(call_key(run_key(here, RunId{5}), 3), call_key(run_key(here, RunId{5}), 4));
  EXPECT_NE(call_key(run_key(here, RunId{5}), 3), call_key(run_key(here, RunId{53}), 3));
  EXPECT_NE(call_key(run_key(here, RunId{5}), 3), call_key(run_key(there, RunId{5}), 3))
      << "another installation has runs of the same numbers";
}

TEST(ModelCatalogTest, TheLongestPrefixServes) {
  ScriptedProvider demo;
  ScriptedProvider openai;
  ScriptedProvider other;
  ModelCatalog models{"builtin/demo"};
  models.add("builtin/demo", demo);
  models.add("openai/", openai);
  EXPECT_EQ(models.choose("")->provider, &demo);
  EXPECT_EQ(models.choose("openai/gpt-5/mini/temperature=0")->name, "gpt-5/mini");
  EXPECT_EQ(models.choose("openai/gpt-5/temperature=0")->options.at("temperature"),
            json::value("0"));
  EXPECT_FALSE(models.choose("openai/"));
  EXPECT_EQ(models.choose("gpt-5").error().hint, "known models: builtin/demo, openai/<name>");
  models.add("", other);
  EXPECT_EQ(models.choose("gpt-5")->provider, &other);
}

}  // namespace
}  // namespace bellpull
