// The event log as the audit record: no endpoint that writes leaves out who did it.
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "api/bench_thread_test.h"
#include "api/routes.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "http/method.h"
#include "store/approvals.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// What is no change, and why. Everything else that is not a GET is logged.
const std::set<std::string, std::less<>> changes_nothing{
    "/bot/{botId}/memory/search",             // reads, and finds nothing: there is no memory
    "/contact/{contactId}/memory/search",     // the same
    "/event/log/subscribe",                   // reads the log itself
    "/integration/trigger/schedule/preview",  // reads
    "/secret/{secretId}/verify",              // reads
    "/secret/{secretId}/authenticate",        // gives a page, and always fails so far
    "/contact/{contactId}/secret/{secretId}/verify",        // reads
    "/contact/{contactId}/secret/{secretId}/authenticate",  // as above
    "/integration/trigger/{triggerIntegrationId}/event",    // logged by the run that it causes
};

// A request that succeeds, with all that it needs made before.
struct Ask {
  std::string path;
  json::object body;
};

class AuditTest : public ApiTest {
 protected:
  using Make = std::function<Ask()>;

  std::string made(const std::string& path, json::object body = {}) {
    const Reply reply = post(path, body);
    EXPECT_EQ(reply.status, 200) << path << " " << reply.body;
    return reply.id();
  }
  std::string trigger() {
    return "/integration/trigger/" +
           made("/integration/trigger/create", {{"botId", made("/bot/create")}});
  }
  std::string event() {
    made(trigger() + "/invoke");
    return std::string{get("/event/inbox/list").items().at(0).at("id").as_string()};
  }
  std::string retrying_event() {
    const std::string id = event();
    const TimePoint now = clock.now();
    const Claim claim{run_of(*EventId::parse(id)), now, now + std::chrono::minutes{1}};
    FinishRun failed{.now = now, .state = RunState::retrying};
    failed.due_at = now + std::chrono::hours{1};
    failed.lease = await(store.claim(claim))->lease;
    EXPECT_TRUE(await(store.finish(std::move(failed))));
    return id;
  }
  // The result of a call whose outcome nobody knows, in a run that has ended.
  std::string unknown_call() {
    const RunId run = run_of(*EventId::parse(event()));
    FinishRun end{.now = clock.now()};
    end.lease = await(store.claim({run, clock.now(), clock.now()}))->lease;
    end.steps.push_back({.kind = StepKind::result,
                         .content = R"({"intent":1,"outcomeUnknown":true})",
                         .messages = {},
                         .action = {},
                         .outcome_unknown = true});
    EXPECT_TRUE(await(store.finish(std::move(end))));
    return StepId{run, 1}.text();
  }
  std::string contact() { return "/contact/" + made("/contact/create", {{"name", "Ann"}}); }
  // A contact's value of a personal secret.
  std::string value() {
    const json::object secret{{"name", "s"}, {"kind", "personal"}, {"type", "bearer"}};
    const std::string path = contact() + "/secret/" + made("/secret/create", secret);
    made(path + "/update", {{"value", "v"}});
    return path;
  }
  std::string message() {
    const std::string conversation = "/conversation/" + made("/conversation/create") + "/message";
    return conversation + "/" + made(conversation + "/create", {{"type", "bot"}, {"text", "t"}});
  }
  std::string file() {
    const std::string path = "/file/" + made("/file/create");
    made(path + "/upload", {{"file", "data:text/plain,Open"}});
    return path;
  }
  std::string attached() {
    const std::string path = "/dataset/" + made("/dataset/create") + file();
    made(path + "/attach", {{"type", "source"}});
    return path;
  }
  std::string approval() {
    const RunId run = run_of(*EventId::parse(event()));
    const auto asked = await(store.transact([&](Transaction& rows) -> Result<Approval> {
      const auto found = rows.runs().find(run, RunStore::Body::without);
      const auto asking = rows.triggers().find(found->run.trigger);
      return ask_approval(rows,
                          {.account = found->run.account,
                           .run = run,
                           .trigger = asking->id,
                           .call_key = run.text(),
                           .expires_at = clock.now() + std::chrono::hours{1}},
                          clock.now());
    }));
    return "/approval/" + asked->id.text();
  }
  std::string job() {
    return "/job/" + made("/event/inbox/bulk/cancel", {{"filter", json::object{}}});
  }

  // A path's create, update and delete.
  void add_usual(
      const std::string& base, const std::string& name,
      const std::function<json::object()>& body = [] { return json::object{}; }) {
    asks[base + "/create"] = [=] { return Ask{base + "/create", body()}; };
    for (const std::string verb : {"/update", "/delete"}) {
      asks[base + "/{" + name + "}" + verb] = [this, base, verb, body] {
        return Ask{base + "/" + made(base + "/create", body()) + verb};
      };
    }
  }
  void SetUp() override;
  void add_resources();
  void add_events();

  BenchThread caller{work, bench, clock};
  std::map<std::string, Make, std::less<>> asks;
};

void AuditTest::SetUp() {
  add_resources();
  add_events();
}

void AuditTest::add_resources() {
  add_usual("/blueprint", "blueprintId");
  add_usual("/bot", "botId");
  add_usual("/contact", "contactId", [] { return json::object{{"name", "Ann"}}; });
  add_usual("/conversation", "conversationId");
  add_usual("/dataset", "datasetId");
  add_usual("/file", "fileId");
  add_usual("/secret", "secretId");
  add_usual("/skillset", "skillsetId");
  add_usual("/token", "tokenId");
  add_usual("/integration/trigger", "triggerIntegrationId",
            [this] { return json::object{{"botId", made("/bot/create")}}; });

  const std::string ability = "/skillset/{skillsetId}/ability";
  const auto abilities = [this] { return "/skillset/" + made("/skillset/create") + "/ability"; };
  asks[ability + "/create"] = [=] { return Ask{abilities() + "/create"}; };
  const std::string record = "/dataset/{datasetId}/record";
  const auto records = [this] { return "/dataset/" + made("/dataset/create") + "/record"; };
  asks[ability + "/{abilityId}/execute"] = [this, abilities] {
    const std::string base = abilities();
    return Ask{base + "/" + made(base + "/create", {{"name", "read"}}) + "/execute"};
  };
  asks[record + "/create"] = [=] { return Ask{records() + "/create", {{"text", "t"}}}; };
  const std::string said = "/conversation/{conversationId}/message";
  asks[said + "/create"] = [this] {
    return Ask{"/conversation/" + made("/conversation/create") + "/message/create",
               {{"type", "bot"}, {"text", "t"}}};
  };
  for (const std::string verb : {"/update", "/delete"}) {
    asks[ability + "/{abilityId}" + verb] = [this, verb, abilities] {
      const std::string base = abilities();
      return Ask{base + "/" + made(base + "/create") + verb};
    };
    asks[record + "/{recordId}" + verb] = [this, verb, records] {
      const std::string base = records();
      return Ask{base + "/" + made(base + "/create", {{"text", "t"}}) + verb};
    };
    asks[said + "/{messageId}" + verb] = [this, verb] { return Ask{message() + verb}; };
  }

  asks["/bot/{botId}/clone"] = [this] { return Ask{"/bot/" + made("/bot/create") + "/clone"}; };
  asks["/blueprint/{blueprintId}/clone"] = [this] {
    return Ask{"/blueprint/" + made("/blueprint/create") + "/clone"};
  };
  asks["/blueprint/{blueprintId}/resource/import"] = [this] {
    const json::object document{{"resources", {{"bot", json::array{{{"id", "b"}}}}}}};
    return Ask{"/blueprint/" + made("/blueprint/create") + "/resource/import",
               {{"resource", document}}};
  };
  asks["/dataset/{datasetId}/search"] = [this] {
    return Ask{"/dataset/" + made("/dataset/create") + "/search", {{"search", "x"}}};
  };
  const std::string attachment = "/dataset/{datasetId}/file/{fileId}";
  asks[attachment + "/attach"] = [this] {
    return Ask{"/dataset/" + made("/dataset/create") + file() + "/attach", {{"type", "source"}}};
  };
  asks[attachment + "/detach"] = [this] { return Ask{attached() + "/detach"}; };
  asks[attachment + "/sync"] = [this] { return Ask{attached() + "/sync"}; };
  asks["/file/{fileId}/upload"] = [this] {
    return Ask{"/file/" + made("/file/create") + "/upload", {{"file", "data:text/plain,Open"}}};
  };
  asks["/file/{fileId}/sync"] = [this] { return Ask{file() + "/sync"}; };
  asks["/secret/{secretId}/revoke"] = [this] {
    return Ask{"/secret/" + made("/secret/create") + "/revoke"};
  };
  asks["/contact/{contactId}/secret/{secretId}/update"] = [this] {
    return Ask{value() + "/update", {{"value", "w"}}};
  };
  asks["/contact/{contactId}/secret/{secretId}/revoke"] = [this] {
    return Ask{value() + "/revoke"};
  };
  asks["/contact/ensure"] = [] { return Ask{"/contact/ensure", {{"email", "ann@example.com"}}}; };
  asks["/contact/merge"] = [this] {
    const auto id = [&] { return made("/contact/create", {{"name", "Ann"}}); };
    return Ask{"/contact/merge", {{"fromId", id()}, {"intoId", id()}}};
  };
  asks["/contact/{contactId}/erase"] = [this] { return Ask{contact() + "/erase"}; };
  asks["/conversation/{conversationId}/contact/upsert"] = [this] {
    return Ask{"/conversation/" + made("/conversation/create") + "/contact/upsert",
               {{"email", "bob@example.com"}}};
  };
  asks["/account/create"] = [] { return Ask{"/account/create", {{"name", "other"}}}; };
  for (const std::string verb : {"/disable", "/enable"}) {
    asks["/account/{accountId}" + verb] = [this, verb] {
      return Ask{"/account/" + made("/account/create", {{"name", "other"}}) + verb};
    };
  }
  const json::object price{{"model", "m"}, {"inputMicros", 1}, {"outputMicros", 1}};
  asks["/usage/price/set"] = [=] { return Ask{"/usage/price/set", price}; };
  asks["/usage/price/delete"] = [this, price] {
    EXPECT_EQ(post("/usage/price/set", price).status, 200);
    return Ask{"/usage/price/delete", {{"model", "m"}}};
  };
}

void AuditTest::add_events() {
  const std::string one = "/integration/trigger/{triggerIntegrationId}";
  for (const std::string verb :
       {"/setup", "/invoke", "/pause", "/secret/rotate", "/secret/reveal"}) {
    asks[one + verb] = [this, verb] { return Ask{trigger() + verb}; };
  }
  asks[one + "/resume"] = [this] {
    const std::string path = trigger();
    made(path + "/pause");
    return Ask{path + "/resume"};
  };
  const std::string inbox = "/event/inbox/";
  asks[inbox + "{eventId}/cancel"] = [this, inbox] { return Ask{inbox + event() + "/cancel"}; };
  asks[inbox + "{eventId}/replay"] = [this, inbox] { return Ask{inbox + event() + "/replay"}; };
  asks[inbox + "{eventId}/retry"] = [this, inbox] {
    return Ask{inbox + retrying_event() + "/retry"};
  };
  asks["/run/{runId}/cancel"] = [this] {
    return Ask{"/run/" + run_of(*EventId::parse(event())).text() + "/cancel"};
  };
  asks["/approval/{approvalId}/decide"] = [this] {
    return Ask{approval() + "/decide", {{"approve", true}}};
  };
  asks["/step/{stepId}/resolve"] = [this] {
    return Ask{"/step/" + unknown_call() + "/resolve", {{"outcome", "done"}}};
  };
  asks["/job/{jobId}/cancel"] = [this] { return Ask{job() + "/cancel"}; };
  for (const std::string action : {"cancel", "replay", "delete-body"}) {
    asks[inbox + "bulk/" + action] = [=] {
      return Ask{inbox + "bulk/" + action, {{"filter", {{"state", "dead"}}}}};
    };
  }
}

TEST_F(AuditTest, EveryEndpointThatWritesIsInTheLogByWhoseTokenAndWhichRequest) {
  const std::string token_id{get("/token/list").items().at(0).at("id").as_string()};
  for (const Routes::Endpoint& endpoint : api.routes().endpoints()) {
    const bool is_read = endpoint.method == Method::get || !endpoint.is_built;
    if (is_read || changes_nothing.contains(endpoint.path)) continue;
    if (endpoint.path == "/file/{fileId}/content") continue;       // the next test
    if (endpoint.path == "/approval/{approvalId}/page") continue;  // by nobody's token
    SCOPED_TRACE(endpoint.path);
    const auto found = asks.find(endpoint.path);
    ASSERT_NE(found, asks.end()) << "add a request to this test, or a reason to changes_nothing";
    const Ask ask = found->second();
    const Reply reply = post(ask.path, ask.body);
    if (reply.status == 409 && ask.path.starts_with("/job/")) continue;  // it has ended already
    ASSERT_EQ(reply.status, 200) << reply.body;
    const json::array entries =
        get("/event/log/list?meta.requestId=" + reply.header("x-request-id")).items();
    EXPECT_FALSE(entries.empty());
    for (const json::value& entry : entries) {
      EXPECT_EQ(entry.at("meta").at("tokenId"), token_id.c_str()) << entry;
    }
  }
}

TEST_F(AuditTest, WhatALinkWritesIsInTheLogByTheTokenThatAskedForTheLink) {
  const std::string file = made("/file/create");
  const json::object announced{{"size", 5}, {"type", "text/plain"}, {"name", "notes.txt"}};
  const Reply asked = post("/file/" + file + "/upload", {{"file", announced}});
  const std::string url{asked.at("uploadRequest").at("url").as_string()};
  const Reply put = client().send("PUT", url.substr(url.find("/api/")), "", "hello");
  ASSERT_EQ(put.status, 200) << put.body;

  const json::value entry = get("/event/log/list").items().at(0);
  EXPECT_EQ(entry.at("type"), "file.update");
  EXPECT_EQ(entry.at("fileId"), file.c_str());
  EXPECT_EQ(entry.at("meta").at("fields"), json::array{"content"});
  EXPECT_EQ(entry.at("meta").at("requestId"), put.header("x-request-id").c_str());
  EXPECT_EQ(entry.at("meta").at("tokenId"), get("/token/list").items().at(0).at("id").as_string());
  const json::value named = get("/event/log/list").items().at(1);
  EXPECT_EQ(named.at("meta").at("fields"), json::array{"name"});
}

TEST_F(AuditTest, WhatIsDoneToARunNamesItsTriggerAndItsEvent) {
  const std::string first = event();
  const Reply replay = post("/event/inbox/" + first + "/replay");
  const json::value replayed = get("/event/log/list").items().at(0);
  EXPECT_EQ(replayed.at("type"), "event.replay");
  EXPECT_EQ(replayed.at("meta").at("eventId"), replay.id().c_str());
  EXPECT_EQ(replayed.at("meta").at("replayOf"), first.c_str());
  EXPECT_TRUE(replayed.at("triggerIntegrationId").is_string());
  EXPECT_TRUE(replayed.at("botId").is_string());

  post("/event/inbox/" + first + "/cancel");
  const json::array canceled = get("/event/log/list?type=run.cancel").items();
  ASSERT_EQ(canceled.size(), 1U);
  EXPECT_EQ(canceled[0].at("meta").at("eventId"), first.c_str());
  EXPECT_EQ(post("/event/inbox/" + first + "/cancel").status, 409);
  EXPECT_EQ(get("/event/log/list?type=run.cancel").items().size(), 1U) << "it was refused";
}

TEST_F(AuditTest, WhatIsRemovedWithItsBlueprintIsNamedOneByOne) {
  const std::string blueprint = made("/blueprint/create");
  const json::object part{{"name", "p"}, {"blueprintId", blueprint}};
  const std::string bot = made("/bot/create", part);
  made("/secret/create", part);
  const Reply removed = post("/blueprint/" + blueprint + "/delete", {{"deleteResources", true}});
  ASSERT_EQ(removed.status, 200);
  const json::array entries =
      get("/event/log/list?meta.requestId=" + removed.header("x-request-id")).items();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].at("type"), "secret.delete");
  EXPECT_EQ(entries[1].at("type"), "bot.delete");
  EXPECT_EQ(entries[1].at("botId"), bot.c_str());
  EXPECT_EQ(entries[1].at("name"), "p");
  EXPECT_EQ(entries[2].at("type"), "blueprint.delete");
}

}  // namespace
}  // namespace bellpull
