#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "base/result.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "domain/trigger.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class ContactWorkTest : public ApiTest {
 protected:
  // An event that names somebody, kept as ingest keeps it; its run.
  RunId send(const ContactClaim& contact, const std::string& session, const std::string& body) {
    const TriggerKey key = TriggerId::parse(trigger)->key;
    const auto run = await(store.transact([&](Transaction& rows) -> Result<RunId> {
      const SessionKey of_session = session_key_of(session, contact);
      return run_of(rows.runs().add({.trigger = key,
                                     .account = rows.triggers().find(key)->account,
                                     .received_at = clock.now(),
                                     .method = "POST",
                                     .query = "contact.email=" + contact.email,
                                     .headers = R"({"x-who":"ann"})",
                                     .session = of_session.text(),
                                     .session_number = session_number(key, of_session),
                                     .contact_name = contact.name,
                                     .contact_email = contact.email,
                                     .contact_phone = contact.phone,
                                     .body = body}));
    }));
    return *run;
  }
  // The run as its worker would record it; its conversation.
  std::string execute(RunId run) {
    const auto claimed =
        await(store.claim({.run = run, .now = clock.now(), .expires_at = clock.now() + 1min}));
    const auto opened = await(store.open({.lease = claimed->lease,
                                          .now = clock.now(),
                                          .trigger = *TriggerId::parse(trigger),
                                          .bot = *BotId::parse(bot),
                                          .session_lifetime = 24h,
                                          .step = {.kind = StepKind::opened,
                                                   .content = R"({"trigger":{"name":"t"}})",
                                                   .messages = {{MessageType::activity, 2}}}}));
    FinishRun end{.lease = claimed->lease,
                  .now = clock.now(),
                  .reason = "told Ann",
                  .error_message = "Ann was there"};
    end.steps = {{.kind = StepKind::model,
                  .content = R"({"text":"Dear Ann"})",
                  .messages = {{MessageType::bot, 0}}}};
    EXPECT_TRUE(await(store.finish(std::move(end))));
    return opened->conversation.text();
  }

  void wait_until_gone(const std::string& contact) {
    while (get("/contact/" + contact + "/fetch").status != 404) std::this_thread::yield();
  }
  Reply erased(const std::string& contact) {
    while (true) {
      Reply reply = get("/contact/" + contact + "/erase/fetch");
      if (reply.status != 200 || reply.at("state") == "done") return reply;
      std::this_thread::yield();
    }
  }
  std::string contact_of(const std::string& conversation) {
    return get("/conversation/" + conversation + "/fetch").text("contactId");
  }

  std::string bot = post("/bot/create").id();
  std::string trigger = post("/integration/trigger/create", {{"name", "t"}, {"botId", bot}}).id();
  const ContactClaim ann{.name = "Ann", .email = "ann@example.com"};
};

TEST_F(ContactWorkTest, AMergedContactsConversationsAndFieldsMove) {
  const std::string moved = execute(send(ann, "", "x"));
  const std::string from = contact_of(moved);
  post("/contact/" + from + "/update", {{"nick", "annie"}, {"meta", {{"a", 1}, {"b", 1}}}});
  const std::string into =
      post("/contact/create", {{"name", "Ann Lee"}, {"phone", "+4722334455"}, {"meta", {{"b", 2}}}})
          .id();

  EXPECT_EQ(post("/contact/merge", {{"fromId", from}, {"intoId", into}}).id(), into);
  const json::object merged = get("/contact/" + into + "/fetch").object();
  EXPECT_EQ(merged.at("name"), "Ann Lee");
  EXPECT_EQ(merged.at("email"), "ann@example.com");
  EXPECT_EQ(merged.at("nick"), "annie");
  EXPECT_EQ(merged.at("meta"), (json::object{{"b", 2}, {"a", 1}}));

  wait_until_gone(from);
  EXPECT_EQ(contact_of(moved), into);
  EXPECT_EQ(get("/contact/" + into + "/conversation/list").items().size(), 1U);
  EXPECT_EQ(get("/contact/list").items().size(), 1U);
}

TEST_F(ContactWorkTest, WhatAMergedContactWasKnownByLeadsToTheOther) {
  const std::string first = execute(send(ann, "", "x"));
  const std::string from = contact_of(first);
  const std::string into = post("/contact/create", {{"email", "lee@example.com"}}).id();
  post("/contact/merge", {{"fromId", from}, {"intoId", into}});
  const std::string second = execute(send({.email = "ANN@example.com"}, "other", "x"));
  EXPECT_EQ(contact_of(second), into);
  EXPECT_EQ(post("/contact/ensure", {{"email", "ann@example.com"}}).id(), into);

  const std::string third = post("/contact/create", {{"email", "third@example.com"}}).id();
  wait_until_gone(from);
  post("/contact/merge", {{"fromId", into}, {"intoId", third}});
  EXPECT_EQ(post("/contact/ensure", {{"email", "ann@example.com"}}).id(), third) << "on and on";
}

TEST_F(ContactWorkTest, MergingAgainChangesNothing) {
  const std::string from = post("/contact/create", {{"name", "a"}}).id();
  const std::string into = post("/contact/create", {{"name", "b"}}).id();
  const json::object merge{{"fromId", from}, {"intoId", into}};
  EXPECT_EQ(post("/contact/merge", merge).status, 200);
  EXPECT_EQ(post("/contact/merge", merge).id(), into);
  wait_until_gone(from);
  EXPECT_EQ(post("/contact/merge", merge).id(), into);
  EXPECT_EQ(get("/event/log/list?type=contact.merge").items().size(), 1U);
}

TEST_F(ContactWorkTest, OnlyTwoOwnContactsAreMerged) {
  const std::string own = post("/contact/create").id();
  const std::string other = other_account();
  const std::string foreign = post_as(other, "/contact/create").id();
  EXPECT_EQ(post("/contact/merge", {{"fromId", own}, {"intoId", foreign}}).status, 403);
  EXPECT_EQ(post("/contact/merge", {{"fromId", own}, {"intoId", own}}).status, 400);
  EXPECT_EQ(post("/contact/merge", {{"fromId", "contact_x"}, {"intoId", own}}).status, 404);
  EXPECT_EQ(post("/contact/merge").message(), "fromId is required; intoId is required");
}

TEST_F(ContactWorkTest, ADryRunSaysWhatAnErasureWouldMeanAndErasesNothing) {
  const std::string conversation = execute(send(ann, "", "x"));
  const std::string contact = contact_of(conversation);
  const Reply dry = post("/contact/" + contact + "/erase", {{"dryRun", true}});
  EXPECT_EQ(dry.at("conversations"), 1);
  EXPECT_FALSE(dry.at("remains").as_array().empty());
  EXPECT_EQ(get("/contact/" + contact + "/fetch").at("name"), "Ann");
  EXPECT_EQ(get("/contact/" + contact + "/erase/fetch").status, 404);
}

TEST_F(ContactWorkTest, AnErasedContactIsGoneFromEverythingThatSaidAnythingOfIt) {
  const RunId run = send(ann, "", "I am Ann");
  const std::string conversation = execute(run);
  const RunId waiting = send({.email = "Ann@Example.com"}, "w", "Ann again");
  const RunId others = send({.name = "Bob", .email = "bob@example.com"}, "", "I am Bob");
  const std::string of_bob = execute(others);
  const std::string contact = contact_of(conversation);

  const Reply begun = post("/contact/" + contact + "/erase");
  EXPECT_EQ(begun.status, 200) << begun.body;
  const Reply done = erased(contact);
  EXPECT_EQ(done.at("conversations"), 1);
  EXPECT_EQ(done.at("messages"), 2);
  EXPECT_EQ(done.at("events"), 2);
  EXPECT_EQ(done.at("steps"), 3) << done.body;
  EXPECT_EQ(done.at("progress"), 1.0);

  EXPECT_EQ(get("/contact/" + contact + "/fetch").status, 404);
  EXPECT_EQ(get("/conversation/" + conversation + "/fetch").status, 404);
  const auto everything = [&](RunId one) {
    return get("/event/inbox/" + event_of(one).text() + "/fetch").body +
           get("/run/" + one.text() + "/fetch").body +
           get("/run/" + one.text() + "/step/list").body;
  };
  for (const RunId one : {run, waiting}) {
    const std::string left = everything(one);
    for (const std::string word : {"Ann", "ann"}) {
      EXPECT_EQ(left.find(word), std::string::npos) << left;
    }
  }
  EXPECT_EQ(get("/run/" + waiting.text() + "/fetch").at("state"), "canceled");
  EXPECT_NE(everything(others).find("I am Bob"), std::string::npos) << "nobody else's goes";
  EXPECT_EQ(get("/conversation/" + of_bob + "/fetch").status, 200);
  EXPECT_EQ(get("/event/log/list").body.find("Ann"), std::string::npos);
  EXPECT_EQ(get("/event/log/list?type=contact.erase").items().size(), 1U);
}

TEST_F(ContactWorkTest, WhoComesBackAfterAnErasureIsSomebodyNew) {
  const std::string conversation = execute(send(ann, "", "x"));
  const std::string contact = contact_of(conversation);
  post("/contact/" + contact + "/erase");
  const std::string again = execute(send(ann, "", "I am back"));
  EXPECT_NE(contact_of(again), contact);
  erased(contact);
  EXPECT_EQ(get("/conversation/" + again + "/fetch").status, 200);
}

TEST_F(ContactWorkTest, WhatAMergedContactWasKnownByIsErasedToo) {
  const RunId run = send({.name = "A", .phone = "+47 22 33 44 55"}, "", "a secret");
  const std::string from = contact_of(execute(run));
  const std::string into = post("/contact/create", {{"email", "ann@example.com"}}).id();
  post("/contact/merge", {{"fromId", from}, {"intoId", into}});
  const RunId by_phone = send({.phone = "004722334455"}, "w", "waits");
  wait_until_gone(from);
  post("/contact/" + into + "/erase");
  EXPECT_EQ(erased(into).at("events"), 2);
  for (const RunId one : {run, by_phone}) {
    EXPECT_EQ(get("/event/inbox/" + event_of(one).text() + "/fetch").at("body"), "");
  }
}

// The contact that an event made is known by that event's e-mail or phone, whatever it has now.
TEST_F(ContactWorkTest, WhatAContactWasMadeByLeadsToItsErasureThoughItHasChanged) {
  const ContactClaim old_email{.email = "Old@example.com"};
  const ContactClaim old_phone{.phone = "+47 22 33 44 55"};
  for (const ContactClaim& old : {old_email, old_phone}) {
    const std::string contact = contact_of(execute(send(old, "", "first")));
    post("/contact/" + contact + "/update",
         {{"email", "new@example.com"}, {"phone", "+4799887766"}});
    const RunId waiting = send(old, "w", "a secret");
    post("/contact/" + contact + "/erase");
    EXPECT_EQ(erased(contact).at("events"), 2);
    EXPECT_EQ(get("/event/inbox/" + event_of(waiting).text() + "/fetch").at("body"), "");
  }
}

TEST_F(ContactWorkTest, AContactThatAnEventMadeCanBeFetchedEditedAndPostedBack) {
  const std::string longest = std::string(180, 'x') + "@example.no";
  for (const ContactClaim& claim :
       {ContactClaim{.email = longest}, ContactClaim{.phone = "1"}, ContactClaim{.name = "x"}}) {
    const std::string contact = contact_of(execute(send(claim, "", "x")));
    json::object fetched = get("/contact/" + contact + "/fetch").object();
    fetched["nick"] = "x";
    const Reply updated = post("/contact/" + contact + "/update", fetched);
    EXPECT_EQ(updated.status, 200) << updated.body;
    EXPECT_EQ(contact_of(execute(send(claim, "", "again"))), contact);
  }
}

TEST_F(ContactWorkTest, AnErasureIsItsAccountsOwnAndBegunOnce) {
  const std::string contact = post("/contact/create", {{"name", "Ann"}}).id();
  const std::string other = other_account();
  EXPECT_EQ(post_as(other, "/contact/" + contact + "/erase").status, 403);
  EXPECT_EQ(post("/contact/" + contact + "/erase").status, 200);
  erased(contact);
  EXPECT_EQ(get_as(other, "/contact/" + contact + "/erase/fetch").status, 403);
  EXPECT_EQ(post("/contact/" + contact + "/erase").status, 404) << "it is gone";
}

TEST_F(ContactWorkTest, AConversationIsGivenItsContactOnce) {
  const std::string conversation = post("/conversation/create").id();
  const std::string path = "/conversation/" + conversation + "/contact/upsert";
  const std::string contact = post(path, {{"email", "ann@example.com"}}).id();
  EXPECT_EQ(contact_of(conversation), contact);
  EXPECT_EQ(get("/contact/" + contact + "/fetch").at("email"), "ann@example.com");
  const Reply again = post(path, {{"email", "bob@example.com"}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.id(), contact) << "one that has a contact keeps it";
  EXPECT_EQ(post(path).status, 200);
  EXPECT_EQ(post("/conversation/" + post("/conversation/create").id() + "/contact/upsert").status,
            400);
}

}  // namespace
}  // namespace bellpull
