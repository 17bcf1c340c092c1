#include "store/approvals.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api.h"
#include "api/api_fixture_test.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "store/accept.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view public_url = "https://bell.example.com";

class ApprovalsTest : public ApiTest {
 protected:
  ApprovalsTest() : ApprovalsTest(std::string{public_url}) {}
  explicit ApprovalsTest(std::string url)
      : ApiTest(ApiSettings{.address = {.public_url = std::move(url)}}) {}

  std::string bot = post("/bot/create").id();
  std::string trigger =
      post("/integration/trigger/create", {{"name", "Shop <b>"}, {"botId", bot}}).id();

  EventId add_event() {
    const NewEvent event{.trigger = TriggerId::parse(trigger)->key,
                         .account = AccountKey{1},
                         .received_at = clock.now(),
                         .method = "POST",
                         .content_type = "application/json",
                         .headers = "{}",
                         .body = "{}"};
    return *await(store.transact(
        [&](Transaction& rows) -> Result<EventId> { return rows.runs().add(event); }));
  }
  // A run that waits for an answer.
  Approval ask(std::string question = "Refund?", std::optional<std::string> details = {}) {
    const EventId event = add_event();
    const ClaimedRun claimed = *await(store.claim(
        Claim{.run = run_of(event), .now = clock.now(), .expires_at = clock.now() + 1min}));
    const Approval wanted{.account = AccountKey{1},
                          .run = run_of(event),
                          .trigger = *TriggerId::parse(trigger),
                          .call_key = event.text(),
                          .question = std::move(question),
                          .details = std::move(details),
                          .expires_at = clock.now() + 1h,
                          .created_at = clock.now()};
    const Approval asked = *await(
        store.transact([&](Transaction& rows) { return ask_approval(rows, wanted, clock.now()); }));
    const FinishRun waits{.lease = claimed.lease,
                          .now = clock.now(),
                          .state = RunState::waiting,
                          .due_at = asked.expires_at,
                          .counts_attempt = false};
    EXPECT_TRUE(await(store.finish(waits)));
    return asked;
  }
  bellpull::Run run_now(const Approval& approval) {
    return await(store.read([&](const Transaction& rows) {
             return rows.runs().find(approval.run, RunStore::Body::without);
           }))
        ->run;
  }
  Reply fetch(const Approval& approval) { return get(path(approval) + "/fetch"); }
  static std::string path(const Approval& approval) { return "/approval/" + approval.id.text(); }

  // The path and query of the approval's link.
  std::string link(const Approval& approval) {
    return fetch(approval).text("link").substr(public_url.size());
  }
  Reply open(const std::string& url) const { return client().send("GET", url, "", ""); }
  Reply answer(const std::string& url, std::string_view form) const {
    return client().send("POST", url, "content-type: application/x-www-form-urlencoded\r\n", form);
  }
};
class NoPublicUrlTest : public ApprovalsTest {
 protected:
  NoPublicUrlTest() : ApprovalsTest("") {}
};

TEST_F(ApprovalsTest, IsShownAsItWasAsked) {
  const Approval asked = ask("Refund 90?", R"({"order":"A-7"})");
  const Reply reply = fetch(asked);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("question"), "Refund 90?");
  EXPECT_EQ(reply.at("details"), (json::object{{"order", "A-7"}}));
  EXPECT_EQ(reply.text("state"), "pending");
  EXPECT_EQ(reply.text("triggerId"), trigger);
  EXPECT_EQ(reply.text("runId"), asked.run.text());
  EXPECT_EQ(reply.text("expiresAt"), to_iso(asked.expires_at));
  EXPECT_TRUE(reply.at("decidedAt").is_null());
  EXPECT_EQ(get_as(other_account(), path(asked) + "/fetch").status, 403);
}

TEST_F(ApprovalsTest, ADecisionWakesTheRunAndStandsInTheLog) {
  const Approval asked = ask();
  clock.advance(1min);
  const Reply decided = post(path(asked) + "/decide", {{"approve", true}, {"note", "fine"}});
  EXPECT_EQ(decided.status, 200) << decided.body;
  EXPECT_EQ(decided.text("state"), "approved");
  EXPECT_EQ(run_now(asked).due_at, clock.now());

  const Reply shown = fetch(asked);
  EXPECT_EQ(shown.text("note"), "fine");
  EXPECT_TRUE(shown.text("decidedBy").starts_with("token_"));
  EXPECT_EQ(shown.text("decidedAt"), to_iso(clock.now()));
  EXPECT_TRUE(shown.at("link").is_null());

  const json::array entries = get("/event/log/list?type=approval.decide").items();
  ASSERT_EQ(entries.size(), 1U);
  const json::object& meta = entries[0].at("meta").as_object();
  EXPECT_EQ(meta.at("approvalId"), json::value(asked.id.text()));
  EXPECT_EQ(meta.at("state"), "approved");
  EXPECT_EQ(meta.at("tokenId"), shown.at("decidedBy"));
  EXPECT_FALSE(json::serialize(entries).find("signature") != std::string::npos) << "a link decides";
  EXPECT_FALSE(json::serialize(entries).find("fine") != std::string::npos)
      << "what people say is not in the log";
}

TEST_F(ApprovalsTest, IsDecidedOnce) {
  const Approval asked = ask();
  ASSERT_EQ(post(path(asked) + "/decide", {{"approve", false}}).text("state"), "refused");
  const Reply again = post(path(asked) + "/decide", {{"approve", true}});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.message(), "This approval was refused already");
  EXPECT_EQ(fetch(asked).text("state"), "refused");
}

TEST_F(ApprovalsTest, NothingIsDecidedOfWhatIsOver) {
  const Approval late = ask();
  const Approval ended = ask();
  ASSERT_EQ(post("/run/" + ended.run.text() + "/cancel").status, 200);
  EXPECT_EQ(fetch(ended).text("state"), "void");
  EXPECT_EQ(post(path(ended) + "/decide", {{"approve", true}}).status, 409);
  clock.advance(1h);
  EXPECT_EQ(fetch(late).text("state"), "expired");
  EXPECT_TRUE(fetch(late).at("link").is_null());
  EXPECT_EQ(post(path(late) + "/decide", {{"approve", true}}).status, 409);
}

TEST_F(ApprovalsTest, ADecisionSaysYesOrNo) {
  const Approval asked = ask();
  for (const json::object& body :
       {json::object{}, json::object{{"approve", nullptr}}, json::object{{"approve", "yes"}},
        json::object{{"approve", true}, {"note", std::string(2'001, 'x')}}}) {
    EXPECT_EQ(post(path(asked) + "/decide", body).status, 400) << json::serialize(body);
  }
  EXPECT_EQ(fetch(asked).text("state"), "pending");
}

TEST_F(ApprovalsTest, IsListedByWhatItIs) {
  const Approval first = ask();
  const Approval second = ask();
  ASSERT_EQ(post(path(first) + "/decide", {{"approve", true}}).status, 200);
  const auto listed = [this](const std::string& query) {
    std::string ids;
    for (const json::value& item : get("/approval/list?" + query).items()) {
      ids += std::string{item.at("id").as_string()} + " ";
    }
    return ids;
  };
  EXPECT_EQ(listed("state=pending"), second.id.text() + " ");
  EXPECT_EQ(listed("state=pending,approved"), second.id.text() + " " + first.id.text() + " ");
  EXPECT_EQ(listed("state=void"), "");
  EXPECT_EQ(listed("triggerId=" + trigger + "&take=1"), second.id.text() + " ");
  EXPECT_EQ(listed("runId=" + first.run.text()), first.id.text() + " ");
  EXPECT_EQ(listed("conversationId=conversation_1"), "");
  EXPECT_EQ(get("/approval/list?state=open").status, 400);
  EXPECT_TRUE(get_as(other_account(), "/approval/list").items().empty());
}

TEST_F(ApprovalsTest, ATokenThatMayOnlyReadIsShownNoLinkAndDecidesNothing) {
  const Approval asked = ask();
  const std::string reader =
      post("/token/create", {{"name", "reader"}, {"scopes", json::array{"read"}}}).text("token");
  EXPECT_TRUE(get_as(reader, path(asked) + "/fetch").at("link").is_null());
  EXPECT_TRUE(get_as(reader, "/approval/list").items().at(0).at("link").is_null());
  EXPECT_FALSE(get("/approval/list").items().at(0).at("link").is_null());
  EXPECT_EQ(post_as(reader, path(asked) + "/decide", {{"approve", true}}).status, 403);
}

TEST_F(NoPublicUrlTest, ThereAreNoLinks) { EXPECT_TRUE(fetch(ask()).at("link").is_null()); }

TEST_F(ApprovalsTest, TheLinkShowsAPageAndDecidesNothing) {
  const Approval asked = ask("Refund?", R"({"order":"A-7","items":[1,2]})");
  const Reply page = open(link(asked));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("cache-control"), "no-store");
  EXPECT_EQ(page.header("referrer-policy"), "no-referrer");
  const std::string policy = page.header("content-security-policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_NE(page.body.find("Shop &lt;b&gt;"), std::string::npos) << page.body;
  EXPECT_NE(page.body.find("order: A-7\nitems: [1,2]"), std::string::npos);
  EXPECT_NE(page.body.find("<form method=\"post\">"), std::string::npos);
  EXPECT_EQ(client().send("HEAD", link(asked), "", "").status, 200);
  EXPECT_EQ(fetch(asked).text("state"), "pending");
}

TEST_F(ApprovalsTest, TheFormOfTheLinkDecides) {
  const Approval asked = ask();
  const std::string url = link(asked);
  const Reply page = answer(url, "note=not+now%0D%0Asorry&approve=false");
  EXPECT_EQ(page.status, 200) << page.body;
  EXPECT_NE(page.body.find("<h1>Refused</h1>"), std::string::npos);
  const Reply shown = fetch(asked);
  EXPECT_EQ(shown.text("state"), "refused");
  EXPECT_EQ(shown.text("decidedBy"), "link");
  EXPECT_EQ(shown.text("note"), "not now\nsorry");
  EXPECT_EQ(run_now(asked).due_at, clock.now());
  const json::array entries = get("/event/log/list?type=approval.decide").items();
  EXPECT_EQ(entries.at(0).at("meta").at("by"), "link");

  const Reply again = answer(url, "approve=true");
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.body.find("was refused already"), std::string::npos);
  EXPECT_EQ(again.body.find("<form"), std::string::npos);
  EXPECT_EQ(open(url).status, 200);
}

TEST_F(ApprovalsTest, AFormThatSaysNothingLosesNothing) {
  const Approval asked = ask();
  const Reply page = answer(link(asked), "note=my+%3Cnote%3E");
  EXPECT_EQ(page.status, 400);
  EXPECT_NE(page.body.find("my &lt;note&gt;"), std::string::npos);
  EXPECT_NE(page.body.find("Choose one"), std::string::npos);
  EXPECT_EQ(answer(link(asked), "approve=true&note=" + std::string(2'001, 'x')).status, 400);
  EXPECT_EQ(answer(link(asked), "approve=true&note=%FF").status, 400);
  EXPECT_EQ(fetch(asked).text("state"), "pending");
}

TEST_F(ApprovalsTest, WhatIsAskedIsShownAsText) {
  const Approval asked =
      ask("</blockquote><script>alert(1)</script>\"'&", R"({"<img src=x>":"<script>"})");
  const std::string body = open(link(asked)).body;
  EXPECT_EQ(body.find("<script"), std::string::npos) << body;
  EXPECT_EQ(body.find("<img"), std::string::npos) << body;
  EXPECT_NE(body.find("&lt;/blockquote&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"),
            std::string::npos);
}

TEST_F(ApprovalsTest, AnotherLinkSaysNothingOfWhatThereIs) {
  const Approval asked = ask();
  const std::string url = link(asked);
  std::string other_id = url;
  other_id.replace(url.find("approval_"), asked.id.text().size(),
                   ApprovalId{{asked.id.key.value + 1}, asked.id.tag}.text());
  std::string later = url;
  later.replace(later.find("expires=") + 8, 1, "2");
  std::string broken = url;
  broken.back() = broken.back() == '0' ? '1' : '0';
  const std::string nothing = open("/api/v1/approval/nothing/page?expires=1&signature=").body;
  for (const std::string& bad : {other_id, later, broken, url.substr(0, url.find('?'))}) {
    const Reply page = open(bad);
    EXPECT_EQ(page.status, 403) << bad;
    EXPECT_EQ(page.body, nothing);
    EXPECT_EQ(answer(bad, "approve=true").status, 403) << bad;
  }
  EXPECT_EQ(fetch(asked).text("state"), "pending");
  clock.advance(1h);
  EXPECT_EQ(open(url).body, nothing) << "it has expired";
  EXPECT_EQ(answer(url, "approve=true").status, 403);
}

}  // namespace
}  // namespace bellpull
