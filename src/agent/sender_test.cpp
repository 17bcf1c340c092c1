#include "agent/sender.h"

#include <gtest/gtest.h>

#include "agent/run_plan.h"
#include "domain/event.h"

namespace bellpull {
namespace {

TEST(Sender, IsKnownWhereTheTriggerAsksOrTheAccountItselfSent) {
  RunPlan asking;
  asking.authenticates = true;
  RunPlan open;
  open.authenticates = false;
  const auto of = [](EventSource source) { return Event{.source = source}; };
  EXPECT_FALSE(is_from_anybody(of(EventSource::request), asking));
  EXPECT_TRUE(is_from_anybody(of(EventSource::request), open));
  EXPECT_FALSE(is_from_anybody(of(EventSource::schedule), open));
  EXPECT_FALSE(is_from_anybody(of(EventSource::invoke), open));
  EXPECT_FALSE(is_from_anybody(of(EventSource::action), open))
      << "only runs of the account send so";
  EXPECT_FALSE(is_from_anybody(of(EventSource::replay), asking));
  EXPECT_TRUE(is_from_anybody(of(EventSource::replay), open));
}

TEST(Sender, IsNotBetterKnownByWayOfAnotherTriggerOrAReplay) {
  RunPlan asking;
  const char* const headers = R"({"bellpull-run":"run_1","bellpull-claimed-contact":"true"})";
  EXPECT_TRUE(is_from_anybody({.source = EventSource::action, .headers = headers}, asking));
  EXPECT_TRUE(is_from_anybody({.source = EventSource::replay, .headers = headers}, asking));
}

}  // namespace
}  // namespace bellpull
