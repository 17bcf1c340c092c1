#include "api/bounded_reader.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "api/call.h"
#include "api/inbox_reader.h"
#include "api/list_reply.h"
#include "api/openapi.h"
#include "api/openapi_judge_test.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/request.h"
#include "identity/caller.h"
#include "identity/permit.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// On which every look takes as long as there is.
class HurriedClock final : public Clock {
 public:
  TimePoint now() const override { return from_ms(0); }
  SteadyTime steady_now() const override { return time_ += BoundedReader::time_limit; }

 private:
  mutable SteadyTime time_;
};

class BoundedReaderTest : public ApiTest {
 protected:
  void SetUp() override {
    const auto added = await(store.transact([&](Transaction& rows) -> Result<void> {
      for (int i = 0; i < 2'500; ++i) {
        rows.runs().add({.trigger = TriggerKey{1},
                         .account = AccountKey{1},
                         .received_at = clock.now(),
                         .headers = "{}",
                         .body = i == 3 ? "a needle" : "hay"});
      }
      return {};
    }));
    ASSERT_TRUE(added);
  }

  HurriedClock hurried;
  InboxReader reader{store, hurried, api.run_watch()};
};

TEST_F(BoundedReaderTest, ASearchThatTakesTooLongGivesThePartThatItHasAndGoesOnFromThere) {
  const ListQuery query{.account = AccountKey{1}};
  Page page;
  int pages = 1;
  ListPage part = *await(reader.read_events(query, {.text = "needle"}, page, {}));
  for (; part.is_partial && part.items.empty(); ++pages) {
    ASSERT_LT(pages, 20);
    page.after = part.last;
    part = *await(reader.read_events(query, {.text = "needle"}, page, {}));
  }
  EXPECT_GT(pages, 2) << "a look passes a thousand rows at most";
  ASSERT_EQ(part.items.size(), 1U);
  EXPECT_EQ(part.items[0].at("id"), EventId{4}.text().c_str());
}

TEST_F(BoundedReaderTest, APageThatIsFullIsWholeHoweverLongItTook) {
  const ListPage page = *await(reader.read_events({.account = AccountKey{1}}, {}, {}, {}));
  EXPECT_EQ(page.items.size(), 100U);
  EXPECT_FALSE(page.is_partial);
  EXPECT_EQ(page.last, 2'401);
}

TEST_F(BoundedReaderTest, WhatNeedsNoSecondLookIsExact) {
  const BoundedReader bounded{store, hurried};
  const auto look = [](const Transaction& rows, const Page& page) {
    return rows.runs().times({.account = AccountKey{1}, .page = page}, {.until = EventId{900}});
  };
  std::int64_t count = 0;
  const auto take = [&](const std::vector<RunTimes>& rows) {
    count += static_cast<std::int64_t>(rows.size());
    return true;
  };
  EXPECT_FALSE(await(bounded.pass({}, look, take)));
  EXPECT_EQ(count, 900);
}

TEST_F(BoundedReaderTest, APartialPageIsWhatTheDescriptionSays) {
  // What an endpoint makes of a reader that was hurried.
  const ParsedHead head;
  const ReadPage read = [this](const Page& page) {
    return reader.read_events({.account = AccountKey{1}}, {.text = "needle"}, page, {});
  };
  const auto reply = [&] {
    Call call{.request = RequestHead{head}, .permit = Permit{authenticator, Caller{}, 0}};
    return await(list_reply(std::move(call), {.kind = "event"}, read));
  };
  const json::object page = json::parse(reply().body).as_object();
  EXPECT_EQ(page.at("partial"), true);
  EXPECT_TRUE(page.at("items").as_array().empty());
  EXPECT_TRUE(page.contains("cursor"));
  const OpenapiJudge judge{openapi_document(api.routes().endpoints(), "test")};
  for (const char* path : {"/api/v1/event/inbox/list", "/api/v1/conversation/c/run/list"}) {
    const json::object* operation = judge.operation("get", path);
    ASSERT_NE(operation, nullptr);
    EXPECT_EQ(judge.of_reply(*operation, 200, page), "") << path;
  }
}

// A stream has no cursor: it goes on by itself until all rows are passed.
TEST_F(BoundedReaderTest, AStreamGoesOnWherePartialPagesEnd) {
  const Reply lines = get("/event/inbox/list?q=needle", "accept: application/jsonl\r\n");
  EXPECT_EQ(lines.status, 200);
  EXPECT_NE(lines.body.find(EventId{4}.text()), std::string::npos) << lines.body;
}

}  // namespace
}  // namespace bellpull
