// Events that are looked for, replayed by a job, and left without their body.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/bulk_jobs.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// Every page of a list, walked by cursor.
template <class Fetch>
std::vector<std::int64_t> walk(Fetch fetch, Order order, std::int64_t take) {
  std::vector<std::int64_t> seen;
  std::int64_t after = 0;
  for (;;) {
    const std::vector<std::int64_t> page = fetch({.after = after, .take = take, .order = order});
    if (page.empty()) return seen;
    seen.insert(seen.end(), page.begin(), page.end());
    after = page.back();
  }
}

std::vector<std::int64_t> ids_of(const std::vector<EventAndRun>& rows) {
  std::vector<std::int64_t> ids;
  for (const EventAndRun& row : rows) ids.push_back(row.run.id.value);
  return ids;
}

class EventsOfStore : public StoreTest {
 protected:
  // `count` events of which every `step`th ends in `state`; those, oldest first.
  std::vector<std::int64_t> add_events(const Trigger& trigger, int count, int step,
                                       RunState state) {
    std::vector<std::int64_t> ended;
    const auto added = transact([&](Transaction& tx) -> Result<void> {
      for (int i = 0; i < count; ++i) {
        const EventId event = tx.runs().add({.trigger = trigger.id.key,
                                             .account = trigger.account,
                                             .received_at = clock.now(),
                                             .headers = "{}"});
        if (i % step == 0) ended.push_back(event.value);
      }
      return {};
    });
    EXPECT_TRUE(added);
    for (const std::int64_t event : ended) {
      EXPECT_TRUE(finish(claim(EventId{event})->lease, state));
    }
    return ended;
  }
};

// Found by halving, so it must agree with looking at every row.
TEST_F(EventsOfStore, OfATimeAreExactInBothOrders) {
  const Trigger trigger = add_trigger();
  const TimePoint start = clock.now();
  for (int i = 0; i < 60; ++i) {
    accept(trigger, "x");
    clock.advance(std::chrono::minutes{25});
  }
  for (const int from : {-9, 0, 7, 400, 1'600}) {
    for (const int hours : {1, 9, 100}) {
      const EventSearch search{.from = start + std::chrono::minutes{from},
                               .before = start + std::chrono::minutes{from + 60 * hours}};
      std::vector<std::int64_t> expected;
      for (int i = 0; i < 60; ++i) {
        if (25 * i >= from && 25 * i < from + 60 * hours) expected.push_back(i + 1);
      }
      const auto fetch = [&](const Page& page) {
        const auto rows = read_page(page, [&](const Transaction& tx, const Page& left) {
          return tx.runs().look({.account = trigger.account, .page = left}, search);
        });
        return ids_of(rows.value());
      };
      EXPECT_EQ(walk(fetch, Order::ascending, 7), expected) << from << " " << hours;
      std::vector<std::int64_t> newest_first = walk(fetch, Order::descending, 7);
      std::ranges::reverse(newest_first);
      EXPECT_EQ(newest_first, expected) << from << " " << hours;
    }
  }
}

// Whatever it is cut off by: what it did and how far it came are one commit.
TEST_F(EventsOfStore, AreReplayedOnceByAJobThatIsCutOffAgainAndAgain) {
  const Trigger trigger = add_trigger();
  add_events(trigger, 700, 1'000, RunState::dead);
  const auto job = transact([&](Transaction& tx) -> Result<BulkJob> {
    BulkJob asked{.account = trigger.account, .created_at = clock.now()};
    asked.selection.filters.push_back({.field = "trigger", .any_of = {trigger.id.key.value}});
    asked.selection.search.until = tx.runs().newest();
    if (auto added = tx.bulk_jobs().add(asked); !added) return std::unexpected(added.error());
    return asked;
  });
  ASSERT_TRUE(job);
  const auto state = [&] {
    return read([&](const Transaction& tx) { return *tx.bulk_jobs().find(job->id); });
  };
  int starts = 0;
  for (; state().state == BulkState::running; ++starts) {
    ASSERT_LT(starts, 1'000);
    reopen();
  }
  EXPECT_EQ(state().done, 700);
  for (std::int64_t event = 1; event <= 700; ++event) {
    const auto replays =
        read([&](const Transaction& tx) { return tx.runs().replays(EventId{event}, 10); });
    EXPECT_EQ(replays.size(), 1U) << event;
  }
}

TEST_F(StoreTest, AJobKeepsAllOfWhatItsFilterMeant) {
  EventSelection selection;
  selection.filters = {{.field = "state", .any_of = {std::int64_t{8}}},
                       {.field = "session", .any_of = {std::string{"s"}}}};
  selection.search = {.from = from_ms(1),
                      .before = from_ms(2),
                      .until = EventId{3},
                      .min_attempts = 4,
                      .min_duration_ms = 5,
                      .has_conversation = false,
                      .contact = "c",
                      .reason = "r",
                      .error = "e",
                      .text = "t",
                      .body = {{.path = {"a", "b[]"}, .value = "v"}}};
  const auto kept = transact([&](Transaction& tx) -> Result<BulkJob> {
    BulkJob job{.account = AccountKey{7}, .selection = selection};
    if (auto added = tx.bulk_jobs().add(job); !added) return std::unexpected(added.error());
    return *tx.bulk_jobs().find(job.id);
  });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->selection.search, selection.search);
  ASSERT_EQ(kept->selection.filters.size(), 2U);
  EXPECT_EQ(kept->selection.filters[0].any_of, selection.filters[0].any_of);
  EXPECT_EQ(kept->selection.filters[1].any_of, selection.filters[1].any_of);
  EXPECT_EQ(kept->selection.filters[1].field, "session");
}

TEST_F(StoreTest, ARepeatOfAnEventWhoseBodyWasRemovedIsStillItsDuplicate) {
  const Trigger trigger = add_trigger();
  const Acceptance first = accept(trigger, std::string(10'000, 'x'), {}, {}, "key");
  const auto remove = [&] {
    return *transact([&](Transaction& tx) -> Result<bool> {
      return tx.runs().remove_body(first.event, clock.now());
    });
  };
  EXPECT_FALSE(remove()) << "its run is still to read it";
  ASSERT_TRUE(finish(claim(first.event)->lease));
  EXPECT_TRUE(remove());
  EXPECT_FALSE(remove()) << "once is enough";
  const auto left = read([&](const Transaction& tx) {
    return tx.runs().find(run_of(first.event), RunStore::Body::with)->event;
  });
  EXPECT_TRUE(left.body.empty());
  EXPECT_EQ(left.body_size, 0);
  const Acceptance again = accept(trigger, std::string(10'000, 'x'), {}, {}, "key");
  EXPECT_EQ(again.outcome, AcceptOutcome::duplicate);
  EXPECT_EQ(again.event, first.event);
}

}  // namespace
}  // namespace bellpull
