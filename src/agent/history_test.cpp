#include "agent/history.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/conversation.h"
#include "llm/provider.h"

namespace bellpull {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t plenty = 1'000'000;

class Talk {
 public:
  Talk& say(MessageType type, std::string text) {
    messages.push_back({.id = {{}, ++number_}, .type = type, .text = std::move(text)});
    return *this;
  }
  Talk& request(const std::string& name, const std::string& id = {},
                const std::string& arguments = "{}") {
    return activity("request", name, id, arguments, "");
  }
  Talk& response(const std::string& name, const std::string& result, const std::string& id = {},
                 const std::string& arguments = "{}") {
    return activity("response", name, id, arguments, R"(,"result":)" + result);
  }

  std::vector<Message> messages;

 private:
  Talk& activity(const std::string& type, const std::string& name, const std::string& id,
                 const std::string& arguments, const std::string& result) {
    const std::string key = id.empty() ? "" : R"("id":")" + id + R"(",)";
    messages.push_back({.id = {{}, ++number_},
                        .type = MessageType::activity,
                        .meta = R"({"activity":{)" + key + R"("type":")" + type +
                                R"(","function":{"name":")" + name + R"(","arguments":)" +
                                arguments + result + "}}}"});
    return *this;
  }
  std::int64_t number_ = 0;
};

std::vector<std::string> shape(const std::vector<Turn>& turns) {
  std::vector<std::string> lines;
  for (const Turn& turn : turns) {
    std::string line = turn.role == Role::tool        ? turn.tool_name + " = " + turn.text
                       : turn.role == Role::assistant ? "bot " + turn.text
                                                      : "user " + turn.text;
    for (const ToolCall& call : turn.calls) line += " +" + call.name;
    lines.push_back(line);
  }
  return lines;
}

TEST(HistoryTest, ResultsFollowTheCallsOfTheirAnswerWhateverTheirOrderWas) {
  Talk talk;
  talk.say(MessageType::bot, "Looking.")
      .request("a", "1")
      .request("a", "2")
      .response("a", "20", "2")
      .response("a", "false", "1")
      .request("b", "1")
      .response("b", "null", "1");
  const History history = history_of(talk.messages, Reach::whole, plenty);
  EXPECT_THAT(shape(history.turns),
              ElementsAre("bot Looking. +a +a", "a = false", "a = 20", "bot  +b", "b = null"));
  EXPECT_EQ(history.turns[1].call_id, history.turns[0].calls[0].id);
  EXPECT_EQ(history.turns[2].call_id, history.turns[0].calls[1].id);
  EXPECT_NE(history.turns[0].calls[0].id, history.turns[3].calls[0].id)
      << "models number their calls anew in every answer";
}

TEST(HistoryTest, PairsWithoutIdsGoByFunctionAndArguments) {
  Talk talk;
  talk.request("a", "", R"({"n":1})")
      .request("a", "", R"({"n":2})")
      .response("a", "2", "", R"({"n":2})")
      .response("a", "1", "", R"({"n":1})");
  EXPECT_THAT(shape(history_of(talk.messages, Reach::whole, plenty).turns),
              ElementsAre("bot  +a +a", "a = 1", "a = 2"));
}

TEST(HistoryTest, ACallWithoutAResultGetsOneAndNotThatOfALaterRun) {
  Talk talk;
  talk.say(MessageType::instruction, "run 1").request("a", "c1");
  talk.say(MessageType::instruction, "run 2").request("a", "c1").response("a", "7", "c1");
  EXPECT_THAT(
      shape(history_of(talk.messages, Reach::whole, plenty).turns),
      ElementsAre("user run 1", "bot  +a", "a = (no result was recorded: the call was cut off)",
                  "user run 2", "bot  +a", "a = 7"));
}

TEST(HistoryTest, ACutListBeginsWithAWholeRun) {
  Talk talk;
  talk.response("a", "1", "x").say(MessageType::bot, "end of a run");
  talk.say(MessageType::instruction, "run 2").say(MessageType::bot, "two");
  EXPECT_THAT(shape(history_of(talk.messages, Reach::cut, plenty).turns),
              ElementsAre("user run 2", "bot two"));
}

TEST(HistoryTest, OldRunsGoFirstWhenThereIsNoRoom) {
  Talk talk;
  talk.say(MessageType::instruction, "run 1").say(MessageType::bot, std::string(500, 'x'));
  talk.say(MessageType::instruction, "run 2").say(MessageType::bot, "two");
  EXPECT_THAT(shape(history_of(talk.messages, Reach::whole, 100).turns),
              ElementsAre("user run 2", "bot two"));
  EXPECT_THAT(history_of(talk.messages, Reach::whole, 5).turns, IsEmpty());
}

TEST(HistoryTest, ACheckpointStandsForWhatIsBeforeIt) {
  Talk talk;
  talk.say(MessageType::user, "old").say(MessageType::checkpoint, "So far: much.");
  talk.say(MessageType::backstory, "Be brief.").say(MessageType::user, "new");
  const History history = history_of(talk.messages, Reach::whole, plenty);
  EXPECT_THAT(shape(history.turns), ElementsAre("user So far: much.", "user new"));
  EXPECT_EQ(history.backstory, "Be brief.");
}

TEST(HistoryTest, WhatIsNoActivityIsLeftOut) {
  Talk talk;
  talk.say(MessageType::activity, "").say(MessageType::reasoning, "hm");
  talk.messages[0].meta = R"({"activity":{"type":"trigger","function":{"name":"a"}}})";
  talk.response("a", "1");
  EXPECT_THAT(history_of(talk.messages, Reach::whole, plenty).turns, IsEmpty());
}

}  // namespace
}  // namespace bellpull
