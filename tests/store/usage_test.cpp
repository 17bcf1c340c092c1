// What every store counts with the records that it is about.
#include "domain/usage.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "domain/bot.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/store_fixture.h"
#include "store/usage_store.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

class UsageOfStore : public StoreTest {
 protected:
  // An event of the trigger from arrival to its end, with one model call; its conversation.
  ConversationId converse(const Trigger& trigger, std::string model,
                          std::string_view session = "s") {
    const Acceptance kept = accept(trigger, "x", SessionKey::named(session));
    const auto claimed = claim(kept.event);
    EXPECT_TRUE(claimed);
    const auto opened = open_run(trigger, claimed->lease);
    EXPECT_TRUE(opened);
    FinishRun end{.lease = claimed->lease, .now = clock.now()};
    end.steps.push_back({.kind = StepKind::model, .messages = {{MessageType::bot, 0}}});
    end.usage = {.action_calls = 2,
                 .model_calls = {{.model = std::move(model),
                                  .input_tokens = 1000,
                                  .cached_tokens = 400,
                                  .output_tokens = 50}}};
    EXPECT_TRUE(wait(store->finish(std::move(end))));
    return opened->conversation;
  }

  UsageCounts of(const UsageQuery& query, std::string_view model) {
    const auto models = read([&](const Transaction& tx) { return tx.usage().on_day(query); });
    for (const ModelUsage& one : models) {
      if (one.model == model) return one.counts;
    }
    return {};
  }

  UsageQuery today(const Trigger& trigger) const {
    return {.account = trigger.account, .day = day_of(clock.now())};
  }

  void set_price(std::string model, std::int64_t input, std::int64_t output) {
    ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
      tx.usage().keep_price({.model = std::move(model), .input = input, .output = output});
      return {};
    }));
  }
};

TEST_F(UsageOfStore, IsCountedByDayTriggerBotAndModel) {
  const Trigger trigger = add_trigger();
  const Trigger other = add_trigger("Other");
  converse(trigger, "big");
  converse(trigger, "big");
  converse(trigger, "small");
  converse(other, "big");

  const UsageCounts big = of(today(trigger), "big");
  EXPECT_EQ(big.model_calls, 2);
  EXPECT_EQ(big.input_tokens, 2000);
  EXPECT_EQ(big.cached_tokens, 800);
  EXPECT_EQ(big.output_tokens, 100);
  EXPECT_EQ(big.runs, 0) << "what belongs to no model stands apart";

  const UsageCounts rest = of(today(trigger), "");
  EXPECT_EQ(rest.runs, 3);
  EXPECT_EQ(rest.action_calls, 6);
  EXPECT_EQ(rest.conversations, 1) << "one session, one conversation";
  EXPECT_EQ(rest.messages, 6);

  UsageQuery query = today(trigger);
  query.trigger = other.id.key;
  EXPECT_EQ(of(query, "big").model_calls, 0) << "another account's trigger";
  query.trigger = trigger.id.key;
  query.bot = trigger.bot->key;
  EXPECT_EQ(of(query, "small").model_calls, 1);
  query.bot = BotKey{9999};
  EXPECT_EQ(of(query, "small").model_calls, 0);

  clock.advance(24h);
  converse(trigger, "big");
  EXPECT_EQ(of(today(trigger), "big").model_calls, 1) << "a new day";
}

TEST_F(UsageOfStore, OutlivesTheConversationAndTheStore) {
  const Trigger trigger = add_trigger();
  const ConversationId conversation = converse(trigger, "m");
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.conversations().remove(conversation.key);
    return {};
  }));
  reopen();
  EXPECT_EQ(of(today(trigger), "m").input_tokens, 1000);
  EXPECT_EQ(of(today(trigger), "").messages, 2);
}

TEST_F(UsageOfStore, CostsWhatThePriceWasWhenItWasRecorded) {
  const Trigger trigger = add_trigger();
  converse(trigger, "m");
  EXPECT_EQ(of(today(trigger), "m").unpriced_calls, 1) << "an unknown price is not 0";
  set_price("m", 1'000'000, 2'000'000);
  converse(trigger, "m");
  EXPECT_EQ(of(today(trigger), "m").cost, 1'100'000) << "0.0011, in billionths";
  set_price("m", 5'000'000, 5'000'000);
  EXPECT_EQ(of(today(trigger), "m").cost, 1'100'000) << "a new price is for new calls";
  EXPECT_EQ(of(today(trigger), "m").unpriced_calls, 1);
  converse(trigger, "builtin/demo");
  EXPECT_EQ(of(today(trigger), "builtin/demo").unpriced_calls, 0);
}

TEST_F(UsageOfStore, CountsWhatTheApiAddsAndNothingThatIsUndone) {
  const Trigger trigger = add_trigger();
  const auto add = [&](Transaction& tx) -> Result<void> {
    Conversation conversation{
        .account = trigger.account, .bot = trigger.bot, .created_at = clock.now()};
    if (auto added = tx.conversations().add(conversation); !added) return added;
    Message message{.text = "hi", .created_at = clock.now()};
    tx.messages().add(conversation.id.key, message);
    return {};
  };
  ASSERT_TRUE(transact(add));
  ASSERT_FALSE(transact([&](Transaction& tx) -> Result<void> {
    if (auto added = add(tx); !added) return added;
    return fail(ErrorCode::conflict, "undone");
  }));
  UsageQuery query = today(trigger);
  query.bot = trigger.bot->key;
  EXPECT_EQ(of(query, "").conversations, 1);
  EXPECT_EQ(of(query, "").messages, 1);
}

TEST_F(UsageOfStore, OfAConversationIsThatOfItsRunsInTheWindow) {
  const Trigger trigger = add_trigger();
  const ConversationId conversation = converse(trigger, "m");
  clock.advance(1h);
  const TimePoint later = clock.now();
  EXPECT_EQ(converse(trigger, "m"), conversation);

  const auto used = [&](TimePoint from, TimePoint to) {
    return read([&](const Transaction& tx) {
      return tx.usage().of_conversation({.conversation = conversation.key, .from = from, .to = to});
    });
  };
  const ConversationUsage all = used(from_ms(0), later + 1h);
  EXPECT_EQ(all.counts.messages, 4);
  EXPECT_EQ(all.counts.runs, 2);
  EXPECT_EQ(all.counts.tokens(), 2100);
  EXPECT_FALSE(all.more);
  EXPECT_EQ(used(later, later + 1h).counts.tokens(), 1050);
  EXPECT_EQ(used(from_ms(0), later).counts.messages, 2);
}

TEST_F(UsageOfStore, OfALongConversationIsReadInManyLooks) {
  const Trigger trigger = add_trigger();
  const ConversationId conversation = converse(trigger, "m");
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 1500; ++i) {
      Message message{.text = "hi", .created_at = clock.now()};
      tx.messages().add(conversation.key, message);
    }
    return {};
  }));
  converse(trigger, "m");
  ConversationLook look{
      .conversation = conversation.key, .from = from_ms(0), .to = clock.now() + 1h};
  UsageCounts sum;
  int looks = 0;
  while (true) {
    const ConversationUsage part =
        read([&](const Transaction& tx) { return tx.usage().of_conversation(look); });
    sum += part.counts;
    ++looks;
    if (!part.more) break;
    look.after = part.last_message;
    look.counted = part.last_run;
  }
  EXPECT_EQ(looks, 2);
  EXPECT_EQ(sum.messages, 1504);
  EXPECT_EQ(sum.tokens(), 2100);
}

TEST_F(UsageOfStore, CanceledRunsCountAsEnded) {
  const Trigger trigger = add_trigger();
  const Acceptance kept = accept(trigger, "x");
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.runs().cancel(run_of(kept.event), "canceled", clock.now());
    return {};
  }));
  EXPECT_EQ(of(today(trigger), "").runs, 1);
}

}  // namespace
}  // namespace bellpull
