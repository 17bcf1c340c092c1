#include "agent/context.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/exchange.h"
#include "agent/run_plan.h"
#include "llm/provider.h"

namespace bellpull {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string system_of(std::string backstory, const std::string& timezone = "UTC") {
  RunPlan plan;
  plan.bot_name = "Bell";
  plan.backstory = std::move(backstory);
  return system_text(plan, "", "2026-01-01T23:30:00.000Z", timezone);
}

TEST(ContextTest, PlaceholdersAreFilledInTheTriggersTimezone) {
  EXPECT_THAT(system_of("${BOT_NAME}, it is ${EARTH_DATE} ${EARTH_TIME}."),
              StartsWith("Bell, it is 2026-01-01 23:30."));
  EXPECT_THAT(system_of("${EARTH_DATE} ${EARTH_TIME}", "Europe/Oslo"),
              StartsWith("2026-01-02 00:30"));
}

TEST(ContextTest, UnknownPlaceholdersStayAndContactsAreOnlyPointedAt) {
  EXPECT_THAT(system_of("${NOPE} ${ ${BOT_NAME} ${open"), StartsWith("${NOPE} ${ Bell ${open"));
  EXPECT_THAT(system_of("Hello ${CONTACT_NAME}"),
              StartsWith("Hello (claimed in `_getIncomingEvent`)"));
}

TEST(ContextTest, ABotWithoutABackstoryStillHasTheRules) {
  EXPECT_THAT(system_of(""), StartsWith("You are an assistant."));
  EXPECT_THAT(system_of(""), HasSubstr("_failure"));
}

TEST(ContextTest, AnExchangeBecomesAnAnswerItsResultsAndANudge) {
  Exchange exchange{.text = "Well", .verbatim = "{}", .nudge = "Go on"};
  exchange.calls.push_back(
      {.call = {.id = "c1", .name = "a", .arguments = "{}"}, .done = true, .result = "1"});
  std::vector<Turn> turns;
  add_exchange(turns, exchange);
  ASSERT_EQ(turns.size(), 3U);
  EXPECT_EQ(turns[0].role, Role::assistant);
  EXPECT_EQ(turns[0].verbatim, "{}");
  EXPECT_EQ(turns[0].calls.at(0).id, "c1");
  EXPECT_EQ(turns[1].call_id, "c1");
  EXPECT_EQ(turns[1].tool_name, "a");
  EXPECT_EQ(turns[1].text, "1");
  EXPECT_EQ(turns[2].text, "Go on");
}

}  // namespace
}  // namespace bellpull
