#include "api/rejected.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "base/result.h"
#include "domain/ids.h"
#include "store/rejected_requests.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class RejectedTest : public ApiTest {
 protected:
  std::string bot = post("/bot/create").id();
  std::string trigger = post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();

  void add(RejectionCause cause, const std::string& address, std::int64_t count = 1) {
    ASSERT_TRUE(await(store.transact([&](Transaction& rows) -> Result<void> {
      rows.rejected().add({.account = AccountKey{1},
                           .trigger = TriggerId::parse(trigger)->key,
                           .cause = cause,
                           .address = address,
                           .count = count,
                           .first_at = clock.now(),
                           .last_at = clock.now()});
      return {};
    })));
  }
};

TEST_F(RejectedTest, RefusalsAreListedWithCauseAndAddress) {
  add(RejectionCause::not_authenticated, "192.0.2.7", 3);
  add(RejectionCause::too_large, "");
  const json::array items = get("/event/inbox/rejected/list").items();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].at("cause"), "too_large");
  EXPECT_EQ(items[0].at("address"), nullptr) << "of several";
  EXPECT_EQ(items[1], (json::object{{"id", "rejected_1"},
                                    {"triggerId", trigger},
                                    {"cause", "not_authenticated"},
                                    {"status", 401},
                                    {"address", "192.0.2.7"},
                                    {"count", 3},
                                    {"firstAt", "2026-01-01T00:00:00.000Z"},
                                    {"lastAt", "2026-01-01T00:00:00.000Z"}}));
  EXPECT_EQ(get("/event/inbox/rejected/list?cause=too_large").items().size(), 1U);
  EXPECT_EQ(get("/event/inbox/rejected/list?triggerId=" + trigger).items().size(), 2U);
  EXPECT_EQ(get("/event/inbox/rejected/list?cause=x").status, 400);
  EXPECT_TRUE(get_as(other_account(), "/event/inbox/rejected/list").items().empty());
}

TEST_F(RejectedTest, EqualOnesOfAnHourAreOneRow) {
  add(RejectionCause::not_authenticated, "192.0.2.7");
  clock.advance(std::chrono::minutes{59});
  add(RejectionCause::not_authenticated, "192.0.2.7", 5);
  clock.advance(std::chrono::minutes{2});
  add(RejectionCause::not_authenticated, "192.0.2.7");
  const json::array items = get("/event/inbox/rejected/list?order=asc").items();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].at("count"), 6);
  EXPECT_EQ(items[0].at("lastAt"), "2026-01-01T00:59:00.000Z");
  EXPECT_EQ(items[1].at("count"), 1);
}

TEST_F(RejectedTest, ATriggerKeepsItsNewestRowsOnly) {
  for (int i = 0; i < 210; ++i) add(RejectionCause::bad_request, std::to_string(i));
  const json::array oldest = get("/event/inbox/rejected/list?order=asc&take=1").items();
  EXPECT_EQ(oldest.at(0).at("address"), "10");
}

TEST(RejectionCauseTest, IsToldByTheStatus) {
  EXPECT_EQ(rejection_cause(401), RejectionCause::not_authenticated);
  EXPECT_EQ(rejection_cause(429), RejectionCause::too_many_requests);
  EXPECT_FALSE(rejection_cause(404));
  EXPECT_FALSE(rejection_cause(503)) << "the server's fault, and nobody could write it down";
}

}  // namespace
}  // namespace bellpull
