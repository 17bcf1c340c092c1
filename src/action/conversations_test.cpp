#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/inner_fixture_test.h"
#include "base/result.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class ConversationActionsTest : public InnerTest {
 protected:
  Contact add_contact(std::string fingerprint) {
    return add(Contact{.account = context.account, .fingerprint = std::move(fingerprint)},
               &Transaction::contacts);
  }
  Conversation add_conversation(std::optional<ContactId> contact, std::string said,
                                MessageType type = MessageType::user,
                                std::optional<TriggerKey> trigger = std::nullopt) {
    const auto conversation = add(Conversation{.account = context.account,
                                               .name = "Talk",
                                               .trigger = trigger,
                                               .bot = stage.bot.id,
                                               .contact = contact},
                                  &Transaction::conversations);
    say(conversation, type, std::move(said));
    return conversation;
  }
  void say(const Conversation& conversation, MessageType type, std::string said) {
    stage
        .change([&](Transaction& rows) -> Result<void> {
          Message message{.type = type, .text = said, .created_at = stage.clock.now()};
          rows.messages().add(conversation.id.key, message);
          return {};
        })
        .value();
  }
  // The ids of the conversations found, in order.
  std::string found(std::string_view query) {
    std::string ids;
    const auto searched = result("```conversation/search\n$[query!]\n```",
                                 json::serialize(json::object{{"query", query}}));
    for (const auto& one : searched.at("conversations").as_array()) {
      ids += text(one.as_object(), "id") + " ";
    }
    return ids;
  }
};

TEST_F(ConversationActionsTest, ARunWithAContactFindsWhatWasSaidWithItAndNothingElse) {
  const Contact ann = add_contact("ann");
  const Contact bob = add_contact("bob");
  const auto of_ann = add_conversation(ann.id, "My printer is broken");
  add_conversation(bob.id, "My printer is fine");
  add_conversation(std::nullopt, "A printer came in");
  context.contact = ann.id;
  EXPECT_EQ(found("printers"), of_ann.id.text() + " ");
  EXPECT_EQ(found("scanner"), "");
  const auto searched = result("@conversation/search", R"({"query":"printer"})");
  const auto& one = searched.at("conversations").as_array().at(0).as_object();
  EXPECT_EQ(text(one.at("messages").as_array().at(0).as_object(), "text"), "My printer is broken");
  EXPECT_EQ(searched.at("searched").as_int64(), 1);
  EXPECT_TRUE(searched.at("complete").as_bool());
}

TEST_F(ConversationActionsTest, WhoeverAnybodyClaimsToBeOnlyConversationsOfTheTriggerAreReached) {
  const Contact ann = add_contact("ann");
  const Contact bob = add_contact("bob");
  const TriggerKey here = stage.trigger.id.key;
  const auto elsewhere = add_conversation(ann.id, "printer, elsewhere");
  const auto of_ann = add_conversation(ann.id, "printer, here", MessageType::user, here);
  const auto of_bob = add_conversation(bob.id, "printer, Bob's", MessageType::user, here);
  const auto fetch = [](const Conversation& one) {
    return "```conversation/fetch\n" + one.id.text() + "\n```";
  };
  context.contact = ann.id;
  EXPECT_EQ(found("printer"), of_ann.id.text() + " " + elsewhere.id.text() + " ");
  context.from_anybody = true;
  EXPECT_EQ(found("printer"), of_ann.id.text() + " ");
  EXPECT_THAT(error(fetch(elsewhere)), HasSubstr("There is no conversation"));
  result(fetch(of_ann));
  context.contact.reset();
  EXPECT_EQ(found("printer"), of_bob.id.text() + " " + of_ann.id.text() + " ")
      << "nor does it help to claim nothing";
  EXPECT_THAT(error(fetch(elsewhere)), HasSubstr("There is no conversation"));
}

TEST_F(ConversationActionsTest, ARunWithoutAContactFindsItsBotsConversations) {
  const auto first = add_conversation(std::nullopt, "printer");
  const auto both = add_conversation(std::nullopt, "a broken printer");
  stage.bot.id = add(Bot{.account = context.account, .name = "Other"}, &Transaction::bots).id;
  add_conversation(std::nullopt, "printer of another bot");
  EXPECT_EQ(found("broken printer"), both.id.text() + " " + first.id.text() + " ")
      << "more of the words come first";
  context.conversation = both.id;
  EXPECT_EQ(found("printer"), first.id.text() + " ") << "not the one that is going on";
}

TEST_F(ConversationActionsTest, AnEventCountsAsWhatWasSaidAndAnInstructionDoesNot) {
  const EventId event = stage.fire(R"({"subject":"zebra crossing"})");
  const ClaimedRun claimed = stage.claim(event);
  const auto opened = stage.await(
      stage.store().open({.lease = claimed.lease,
                          .now = stage.clock.now(),
                          .trigger = stage.trigger.id,
                          .bot = stage.bot.id,
                          .step = {.kind = StepKind::opened,
                                   .messages = {{MessageType::instruction, part::instruction},
                                                {MessageType::activity, part::event_request},
                                                {MessageType::activity, part::event_response}}}}));
  ASSERT_TRUE(opened);
  EXPECT_EQ(found("zebra"), opened->conversation.text() + " ");
  EXPECT_EQ(found("background"), "") << "a word of the instruction";
  const auto read =
      result("@conversation/fetch[by-id]",
             json::serialize(json::object{{"conversationId", opened->conversation.text()}}));
  const auto& messages = read.at("messages").as_array();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(text(messages[0].as_object(), "type"), "event");
  EXPECT_THAT(text(messages[0].as_object(), "text"), HasSubstr("zebra crossing"));
}

TEST_F(ConversationActionsTest, AFetchGivesTheNewestMessagesInTheirOrder) {
  const auto conversation = add_conversation(std::nullopt, "one");
  say(conversation, MessageType::bot, "two");
  say(conversation, MessageType::reasoning, "hm");
  say(conversation, MessageType::user, std::string(20'000, 'x'));
  const auto read = result("```conversation/fetch/limit=2\n" + conversation.id.text() + "\n```");
  const auto& messages = read.at("messages").as_array();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(text(messages[0].as_object(), "text"), "two");
  EXPECT_EQ(text(messages[1].as_object(), "text").size(), 8'192U + 3) << "cut, and marked";
}

TEST_F(ConversationActionsTest, OthersConversationsAreNotThere) {
  const auto of_bob = add_conversation(add_contact("bob").id, "private");
  context.contact = add_contact("ann").id;
  EXPECT_THAT(error("```conversation/fetch\n" + of_bob.id.text() + "\n```"),
              HasSubstr("of this contact: give the id of one"));
  context.contact.reset();
  context.account = other_account();
  links.owner = context.account;
  EXPECT_THAT(error("```conversation/fetch\n" + of_bob.id.text() + "\n```"),
              HasSubstr("There is no conversation"));
  EXPECT_EQ(found("private"), "");
  context.bot.reset();
  EXPECT_THAT(error("```conversation/search\nx\n```"), HasSubstr("in a run only"));
  links.owner = stage.account.id.key;
  EXPECT_THAT(error("```conversation/search\nx\n```"),
              HasSubstr("is not for an ability of another account"));
}

}  // namespace
}  // namespace bellpull
