#include <optional>
#include <string>

#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/inner_fixture_test.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using testing::HasSubstr;

class TriggerSendTest : public InnerTest {
 protected:
  Trigger add_trigger(AccountKey account) {
    return add(Trigger{.account = account, .alias = "orders-in", .name = "In", .bot = stage.bot.id},
               &Transaction::triggers);
  }
  Event event(const boost::json::object& sent) {
    const EventId id = EventId::parse(text(sent, "eventId")).value();
    return stage
        .look([&](const Transaction& rows) {
          return rows.runs().find(run_of(id), RunStore::Body::with);
        })
        .value()
        .event;
  }
};

TEST_F(TriggerSendTest, AnEventIsKeptAndItsRunWaits) {
  const Trigger trigger = add_trigger(context.account);
  context.run = RunId{7};
  context.hops = 2;
  const auto sent = result(
      "```trigger/send\ntriggerId: orders-in\nbody:\n  order: $[order!]\nsession: s1\n"
      "contact: {name: Ann, email: ann@example.com}\n```",
      R"({"order":"A\"7"})");
  const Event kept = event(sent);
  EXPECT_EQ(kept.trigger, trigger.id.key);
  EXPECT_EQ(kept.source, EventSource::action);
  EXPECT_EQ(kept.body, R"({"order":"A\"7"})");
  EXPECT_EQ(kept.content_type, "application/json");
  EXPECT_EQ(kept.session.text(), SessionKey::named("s1").text());
  EXPECT_EQ(kept.contact.email, "ann@example.com");
  EXPECT_EQ(kept.headers, R"({"bellpull-run":")" + RunId{7}.text() + R"("})");
  EXPECT_EQ(kept.hops, 3);
  EXPECT_EQ(stage.run(kept.id).state, RunState::queued);
}

TEST_F(TriggerSendTest, AClaimedContactStaysAClaim) {
  add_trigger(context.account);
  const std::string send =
      "```trigger/send\ntriggerId: orders-in\nbody: x\n"
      "contact: {email: ann@example.com}\n```";
  EXPECT_EQ(event(result(send)).headers, "{}");
  context.from_anybody = true;
  EXPECT_EQ(event(result(send)).headers, R"({"bellpull-claimed-contact":"true"})");
}

TEST_F(TriggerSendTest, ATextIsSentAsItIs) {
  add_trigger(context.account);
  const Event kept = event(result("```trigger/send/triggerId=@orders-in\nHello there\n```"));
  EXPECT_EQ(kept.body, "Hello there");
  EXPECT_THAT(kept.content_type, HasSubstr("text/plain"));
}

TEST_F(TriggerSendTest, OneCallSendsOneEvent) {
  add_trigger(context.account);
  const std::string send = "```trigger/send/triggerId=orders-in\n$[body!]\n```";
  const auto first = result(send, R"({"body":"x"})", "call-1");
  EXPECT_EQ(result(send, R"({"body":"x"})", "call-1"), first);
  EXPECT_EQ(result(send, R"({"body":"y"})", "call-1"), first)
      << "it was sent, whatever it would be";
  EXPECT_NE(result(send, R"({"body":"x"})", "call-2"), first);
}

TEST_F(TriggerSendTest, AKeyOfTheSendersCountsOverCalls) {
  add_trigger(context.account);
  const std::string send =
      "```trigger/send\ntriggerId: orders-in\nidempotencyKey: day-1\nbody: $[body!]\n```";
  const auto first = result(send, R"({"body":"x"})", "call-1");
  const auto again = result(send, R"({"body":"x"})", "call-2");
  EXPECT_EQ(text(again, "eventId"), text(first, "eventId"));
  EXPECT_TRUE(again.at("duplicate").as_bool());
  EXPECT_THAT(error(send, R"({"body":"y"})"), HasSubstr("was used for another body"));
}

TEST_F(TriggerSendTest, NoEventReachesAnotherAccountOrADeletedTrigger) {
  const AccountKey other = other_account();
  const Trigger theirs = add_trigger(other);
  const std::string expected = "in this account: give the id or the alias of one";
  EXPECT_THAT(error("```trigger/send/triggerId=" + theirs.id.text() + "\nx\n```"),
              HasSubstr(expected));
  EXPECT_THAT(error("```trigger/send/triggerId=orders-in\nx\n```"), HasSubstr(expected));
  Trigger own = stage.trigger;
  own.deleted_at = stage.clock.now();
  stage.change([&](Transaction& rows) { return rows.triggers().update(own); }).value();
  EXPECT_THAT(error("```trigger/send/triggerId=" + own.id.text() + "\nx\n```"),
              HasSubstr(expected));
  links.owner = other;
  EXPECT_THAT(error("```trigger/send/triggerId=" + theirs.id.text() + "\nx\n```"),
              HasSubstr("is not for an ability of another account"));
}

TEST_F(TriggerSendTest, TheLastHopIsRefused) {
  add_trigger(context.account);
  context.hops = 7;
  EXPECT_EQ(event(result("```trigger/send/triggerId=orders-in\nx\n```")).hops, 8);
  context.hops = 8;
  EXPECT_THAT(error("```trigger/send/triggerId=orders-in\nx\n```"),
              HasSubstr("Nothing was sent: 8 triggers have sent to one another"));
}

TEST_F(TriggerSendTest, WhatIsWrongIsToldAtOnce) {
  EXPECT_EQ(error("```trigger/send\nbody: x\ncontact: {email: nobody}\n```"),
            "triggerId is required; contact: email must be an e-mail address");
}

TEST_F(TriggerSendTest, ATriggersRateCounts) {
  Trigger trigger = add_trigger(context.account);
  trigger.rate_limit = 1;
  ++trigger.version;
  stage.change([&](Transaction& rows) { return rows.triggers().update(trigger); }).value();
  const std::string send = "```trigger/send/triggerId=orders-in\nx\n```";
  result(send);
  EXPECT_THAT(error(send), HasSubstr("Nothing was sent: The trigger takes no more events for"));
}

// After a crash between the event's commit and the call's result.
TEST_F(TriggerSendTest, ARepeatedCallSaysWhatItSentWhateverIsRefusedNow) {
  Trigger trigger = add_trigger(context.account);
  trigger.rate_limit = 1;
  ++trigger.version;
  stage.change([&](Transaction& rows) { return rows.triggers().update(trigger); }).value();
  context.run = run_of(stage.fire("{}"));
  const std::string send = "```trigger/send/triggerId=" + trigger.id.text() + "\nx\n```";
  const auto first = result(send, "{}", "call-1");
  EXPECT_EQ(result(send, "{}", "call-1"), first) << "though no more events are taken now";
  EXPECT_TRUE(call(send, "{}", "call-2").is_error) << "which another call hears";
  context.hops = 8;
  EXPECT_EQ(result(send, "{}", "call-1"), first) << "or the limit was lowered";
  trigger.deleted_at = stage.clock.now();
  stage.change([&](Transaction& rows) { return rows.triggers().update(trigger); }).value();
  context.hops = 0;
  EXPECT_EQ(result(send, "{}", "call-1"), first) << "or the trigger is gone";
  EXPECT_TRUE(call(send, "{}", "call-2").is_error);
}

TEST_F(TriggerSendTest, ARepeatedCallSendsNoSecondEventToWhomItsAliasNamesNow) {
  Trigger trigger = add_trigger(context.account);
  context.run = run_of(stage.fire("{}"));
  const std::string send = "```trigger/send/triggerId=orders-in\nx\n```";
  const auto first = result(send, "{}", "call-1");
  trigger.alias = "orders-before";
  stage.change([&](Transaction& rows) { return rows.triggers().update(trigger); }).value();
  add_trigger(context.account);
  EXPECT_EQ(result(send, "{}", "call-1"), first);
  EXPECT_NE(result(send, "{}", "call-2"), first);
}

TEST_F(TriggerSendTest, ARepeatedCallWithAKeyOfItsOwnDoesTheSame) {
  Trigger trigger = add_trigger(context.account);
  trigger.rate_limit = 1;
  ++trigger.version;
  stage.change([&](Transaction& rows) { return rows.triggers().update(trigger); }).value();
  context.run = run_of(stage.fire("{}"));
  const std::string send =
      "```trigger/send\ntriggerId: orders-in\nidempotencyKey: day-1\nbody: $[body!]\n```";
  const auto first = result(send, R"({"body":"x"})", "call-1");
  EXPECT_EQ(text(result(send, R"({"body":"x"})", "call-1"), "eventId"), text(first, "eventId"));
  EXPECT_TRUE(call(send, R"({"body":"y"})", "call-2").is_error) << "that was not sent";
  context.run = run_of(stage.fire("{}"));
  EXPECT_TRUE(call(send, R"({"body":"x"})", "call-3").is_error) << "nor by this run";
}

}  // namespace
}  // namespace bellpull
