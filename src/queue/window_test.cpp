#include "queue/window.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "domain/ids.h"
#include "store/run_records.h"

namespace bellpull {
namespace {

PendingRun run(std::int64_t number, std::int64_t trigger, std::int64_t account = 1,
               std::int64_t session = 0) {
  return {.run = {number}, .trigger = {trigger}, .account = {account}, .session = session};
}

std::vector<std::int64_t> take_all(Window& window) {
  std::vector<std::int64_t> taken;
  while (const auto next = window.take()) taken.push_back(next->run.value);
  return taken;
}

TEST(WindowTest, ABusyTriggerTakesTurnsWithAQuietOne) {
  Window window{{}};
  for (std::int64_t i = 1; i <= 4; ++i) window.add(run(i, 1));
  window.add(run(5, 2));
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1, 5, 2, 3, 4}));
}

TEST(WindowTest, AccountsTakeTurnsBeforeTheirTriggersDo) {
  Window window{{}};
  for (std::int64_t i = 1; i <= 3; ++i) window.add(run(i, i, 1));
  for (std::int64_t i = 4; i <= 5; ++i) window.add(run(i, 9, 2));
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1, 4, 2, 5, 3}));
}

TEST(WindowTest, WhatIsTakenOutOfATriggerLeavesTheOthersTheirTurns) {
  Window window{{}};
  window.add(run(1, 1, 1, 7));
  window.add(run(2, 2, 2));
  window.remove_ready(TriggerKey{1});
  window.remove_ready(TriggerKey{9});
  EXPECT_FALSE(window.head(run(3, 1, 1, 7))) << "its sessions have no heads any more";
  EXPECT_EQ(window.ready(), 1U);
  window.add(run(4, 1, 1, 7));
  window.add(run(5, 2, 2));
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{2, 4, 5}));
}

TEST(WindowTest, ATriggersLimitHoldsOnlyItsOwnRuns) {
  Window window{{.running_per_trigger = 1}};
  window.add(run(1, 1));
  window.add(run(2, 1));
  window.add(run(3, 2));
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1, 3}));
  EXPECT_TRUE(window.release(run(1, 1)));
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{2}));
}

TEST(WindowTest, ARunThatIsHereTwiceIsGivenOnce) {
  Window window{{}};
  window.add(run(1, 1));
  window.add(run(1, 1));
  window.add(run(2, 1));
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(window.ready(), 0);
}

TEST(WindowTest, ASessionHasOneHead) {
  Window window{{}};
  window.add(run(1, 1, 1, 77));
  EXPECT_EQ(window.head(run(2, 1, 1, 77)), RunId{1});
  EXPECT_FALSE(window.head(run(2, 1, 1, 78)));
  EXPECT_FALSE(window.head(run(2, 2, 1, 77))) << "the same number under another trigger";
  window.remove_head(run(1, 1, 1, 77));
  EXPECT_FALSE(window.head(run(2, 1, 1, 77)));
}

}  // namespace
}  // namespace bellpull
