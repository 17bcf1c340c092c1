// What every store must do; run on SQLite here.
#include "store/store.h"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <future>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "domain/account.h"
#include "domain/bot.h"
#include "domain/conversation.h"
#include "domain/transcript.h"
#include "store/store_fixture.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

TEST_F(StoreTest, AnAcceptedEventIsThereAfterReopening) {
  const Trigger trigger = add_trigger();
  const std::string large(100'000, 'x');
  const Acceptance small = accept(trigger, "{\"a\":1}");
  const Acceptance big = accept(trigger, large);
  EXPECT_EQ(small.outcome, AcceptOutcome::kept);
  EXPECT_LT(small.event, big.event);

  reopen();

  const auto found = read([&](const Transaction& tx) {
    return tx.runs().find(run_of(big.event), RunStore::Body::with);
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->event.body, large);
  EXPECT_EQ(found->run.state, RunState::queued);
}

TEST_F(StoreTest, AnEventUnderAnOldVersionOfItsTriggerIsNotKept) {
  Trigger trigger = add_trigger();
  const Trigger old = trigger;
  ++trigger.version;
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.triggers().update(trigger); }));

  EXPECT_EQ(accept(old, "x").outcome, AcceptOutcome::trigger_changed);
  EXPECT_EQ(accept(trigger, "x").outcome, AcceptOutcome::kept);
}

TEST_F(StoreTest, AnIdempotencyKeyKeepsOneEvent) {
  const Trigger trigger = add_trigger();
  const Acceptance first = accept(trigger, "body", {}, {}, "key");
  const Acceptance again = accept(trigger, "body", {}, {}, "key");
  const Acceptance other = accept(trigger, "another body", {}, {}, "key");
  EXPECT_EQ(first.outcome, AcceptOutcome::kept);
  EXPECT_EQ(again.outcome, AcceptOutcome::duplicate);
  EXPECT_EQ(again.event, first.event);
  EXPECT_EQ(other.outcome, AcceptOutcome::key_reused);
}

TEST_F(StoreTest, UnderOneIdempotencyKeyOnlyTheBodyMustBeTheSame) {
  const Trigger trigger = add_trigger();
  NewEvent event{.trigger = trigger.id.key,
                 .account = trigger.account,
                 .trigger_version = trigger.version,
                 .received_at = clock.now(),
                 .method = "POST",
                 .content_type = "application/json",
                 .query = "session=a",
                 .idempotency_key = "key",
                 .body = "body"};
  const Acceptance first = accept(event);
  event.method = "PUT";
  event.content_type = "text/plain";
  event.query = "session=a&utm=mail";
  const Acceptance again = accept(event);
  EXPECT_EQ(again.outcome, AcceptOutcome::duplicate);
  EXPECT_EQ(again.event, first.event);
  event.body = "Body";
  EXPECT_EQ(accept(event).outcome, AcceptOutcome::key_reused);
}

TEST_F(StoreTest, TheSameKeyTwiceInOneCommitKeepsOneEvent) {
  const Trigger trigger = add_trigger();
  const NewEvent event{.trigger = trigger.id.key,
                       .account = trigger.account,
                       .trigger_version = trigger.version,
                       .idempotency_key = "key",
                       .body = "body"};
  WaitedBatch batch;
  batch.entries = {{.event = &event}, {.event = &event}};
  store->accept(batch);
  batch.wait();
  EXPECT_EQ(batch.entries[0].result.outcome, AcceptOutcome::kept);
  EXPECT_EQ(batch.entries[1].result.outcome, AcceptOutcome::duplicate);
  EXPECT_EQ(batch.entries[0].result.event, batch.entries[1].result.event);
}

TEST_F(StoreTest, OnlyTheNewestLeaseRecordsAnything) {
  const Trigger trigger = add_trigger();
  const Acceptance kept = accept(trigger, "x");
  const auto lost = claim(kept.event);
  ASSERT_TRUE(lost);
  EXPECT_FALSE(claim(kept.event)) << "a running run cannot be claimed";

  reopen();  // its worker is gone, so the run waits again

  const auto taken = claim(kept.event);
  ASSERT_TRUE(taken);
  EXPECT_GT(taken->lease.number, lost->lease.number);
  EXPECT_EQ(taken->run.attempt, 2);
  EXPECT_EQ(finish(lost->lease).error().code, ErrorCode::lease_lost);
  EXPECT_EQ(open_run(trigger, lost->lease).error().code, ErrorCode::lease_lost);
  EXPECT_TRUE(finish(taken->lease));
}

// Until it goes, writing to a file fails, as on a broken disk.
class BrokenDisk {
 public:
  BrokenDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit nothing{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &nothing);
  }
  ~BrokenDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  BrokenDisk(const BrokenDisk&) = delete;
  BrokenDisk& operator=(const BrokenDisk&) = delete;

 private:
  rlimit before_{};
};

TEST_F(StoreTest, ADiskFaultTakesNoAttemptFromTheRunsThatItInterrupts) {
  const Trigger trigger = add_trigger();
  const EventId event = accept(trigger, "x").event;
  const auto first = claim(event);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->run.attempt, 1);
  {
    const BrokenDisk broken;
    EXPECT_EQ(accept(trigger, "y").outcome, AcceptOutcome::unavailable);
  }
  ASSERT_EQ(store->health().flush_failures, 1);
  // The first try to reopen may have met the broken disk; the next follows by itself.
  while (!store->health().writable) std::this_thread::yield();

  const auto second = claim(event);
  ASSERT_TRUE(second);
  EXPECT_GT(second->lease.number, first->lease.number);
  EXPECT_EQ(second->run.attempt, 1);

  reopen();  // as after a crash, which the run may have caused

  const auto third = claim(event);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->run.attempt, 2);
}

TEST_F(StoreTest, AClaimBringsTheEventAlongUnlessItWouldHoldUpTheCommit) {
  const Trigger trigger = add_trigger();
  const auto small = claim(accept(trigger, "small").event);
  ASSERT_TRUE(small);
  ASSERT_TRUE(small->event);
  EXPECT_EQ(small->event->body, "small");
  const auto empty = claim(accept(trigger, "").event);
  ASSERT_TRUE(empty && empty->event);
  EXPECT_EQ(empty->event->body, "");
  const auto large = claim(accept(trigger, std::string(100'000, 'x')).event);
  ASSERT_TRUE(large);
  EXPECT_FALSE(large->event);

  ASSERT_TRUE(open_run(trigger, small->lease));
  ASSERT_TRUE(finish(small->lease, RunState::retrying));
  const auto again = claim(event_of(small->lease.run));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->run.steps, 1);
  EXPECT_FALSE(again->event) << "it is read with the steps";
}

TEST_F(StoreTest, MessagesAreMadeFromStepsAndOutliveAnEditWithoutTouchingThem) {
  const Trigger trigger = add_trigger();
  const auto claimed = claim(accept(trigger, "the body").event);
  ASSERT_TRUE(claimed);
  const auto opened = wait(store->open(
      {.lease = claimed->lease,
       .now = clock.now(),
       .trigger = trigger.id,
       .trigger_name = "Orders",
       .bot = *trigger.bot,
       .step = {.kind = StepKind::opened,
                .content = R"({"trigger":{"name":"Orders"},"ranAt":"now","timezone":"UTC"})",
                .messages = {{MessageType::instruction, part::instruction},
                             {MessageType::activity, part::event_request},
                             {MessageType::activity, part::event_response}}}}));
  ASSERT_TRUE(opened);
  ASSERT_TRUE(
      wait(store->append_steps({.lease = claimed->lease,
                                .now = clock.now(),
                                .steps = {{.kind = StepKind::model,
                                           .content = R"({"text":"Hello"})",
                                           .messages = {{MessageType::bot, part::text}}}}})));

  const auto list = [&] {
    return read([&](const Transaction& tx) {
      return tx.messages().list(opened->conversation.key, {.order = Order::ascending});
    });
  };
  std::vector<Message> messages = list();
  ASSERT_EQ(messages.size(), 4);
  EXPECT_NE(messages[2].meta.find("the body"), std::string::npos);
  EXPECT_EQ(messages[3].text, "Hello");

  messages[3].text = "Edited";
  ASSERT_TRUE(
      transact([&](Transaction& tx) -> Result<bool> { return tx.messages().update(messages[3]); }));
  EXPECT_EQ(list()[3].text, "Edited");
  const auto steps = read([&](const Transaction& tx) {
    return tx.runs().steps(claimed->lease.run, {.order = Order::ascending}).rows;
  });
  ASSERT_EQ(steps.size(), 2);
  EXPECT_EQ(steps[1].content, R"({"text":"Hello"})");
}

NewStep intent(const std::string& call) {
  return {.kind = StepKind::intent, .content = R"({"call":")" + call + R"(","name":"send"})"};
}

// A run whose last answer made two calls, of which the first has its result.
class RunWithAnOpenCall : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    trigger = add_trigger();
    lease = claim(accept(trigger, "x").event).value().lease;
    ASSERT_TRUE(open_run(trigger, lease));
    ASSERT_TRUE(record({{.kind = StepKind::model}, intent("c0")}));
    ASSERT_TRUE(record({{.kind = StepKind::result, .content = R"({"intent":3})"}}));
    ASSERT_TRUE(record({{.kind = StepKind::model}, intent("c1"), intent("c2")}));
    ASSERT_TRUE(record({{.kind = StepKind::result, .content = R"({"intent":6})"}}));
  }

  Result<void> record(std::vector<NewStep> steps) {
    return wait(
        store->append_steps({.lease = lease, .now = clock.now(), .steps = std::move(steps)}));
  }
  bellpull::Run run() {
    return read([&](const Transaction& tx) {
             return tx.runs().find(lease.run, RunStore::Body::without);
           })
        .value()
        .run;
  }
  void expect_an_unknown_outcome_and_the_end() {
    EXPECT_EQ(run().state, RunState::canceled);
    const auto steps = read([&](const Transaction& tx) {
      return tx.runs().steps(lease.run, {.after = 8, .order = Order::ascending}).rows;
    });
    ASSERT_EQ(steps.size(), 2);
    EXPECT_EQ(steps[0].kind, StepKind::result);
    EXPECT_NE(steps[0].content.find(R"("intent":7,)"), std::string::npos) << steps[0].content;
    EXPECT_NE(steps[0].content.find("outcome_unknown"), std::string::npos) << steps[0].content;
    EXPECT_EQ(steps[1].kind, StepKind::settled);
    const auto messages = read([&](const Transaction& tx) {
      return tx.messages().list(run().conversation->key, {.order = Order::ascending});
    });
    ASSERT_EQ(messages.size(), 5);
    EXPECT_NE(messages[1].meta.find(R"("type":"request")"), std::string::npos);
    EXPECT_NE(messages[1].meta.find(R"("id":"c2")"), std::string::npos) << messages[1].meta;
    EXPECT_NE(messages[2].meta.find("outcome_unknown"), std::string::npos) << messages[2].meta;

    EXPECT_EQ(record({{.kind = StepKind::result, .content = R"({"intent":7})"}}).error().code,
              ErrorCode::lease_lost)
        << "whoever makes the call has not heard of it yet";
  }

  Trigger trigger;
  Lease lease;
};

TEST_F(RunWithAnOpenCall, IsCanceledWithAnUnknownOutcome) {
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<bool> {
    return tx.runs().cancel(lease.run, "by hand", clock.now());
  }));
  expect_an_unknown_outcome_and_the_end();
}

TEST_F(RunWithAnOpenCall, HasItsUnknownOutcomeResolvedOnceByAStepOfItsOwn) {
  const StepId unknown{lease.run, 9};
  const Resolution done{.outcome = Resolution::Outcome::done,
                        .result = boost::json::value("order 7"),
                        .note = "seen in the shop"};
  const auto resolve = [&](const StepId& step) {
    return transact([&](Transaction& tx) { return tx.runs().resolve(step, done, clock.now()); });
  };
  EXPECT_EQ(resolve(unknown).error().code, ErrorCode::conflict) << "it has no such step yet";
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<bool> {
    return tx.runs().cancel(lease.run, "by hand", clock.now());
  }));
  EXPECT_EQ(run().unknown_calls, 1);
  EXPECT_EQ(run().resolved_calls, 0);
  const auto journal = [&] {
    return read([&](const Transaction& tx) {
      return tx.runs().steps(lease.run, {.order = Order::ascending}).rows;
    });
  };
  const auto before = journal();

  EXPECT_EQ(resolve({lease.run, 5}).error().code, ErrorCode::conflict) << "its outcome is known";
  const auto resolved = resolve(unknown);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->step.number, 11);
  EXPECT_TRUE(resolved->is_new);
  const auto again = resolve(unknown);
  ASSERT_TRUE(again) << "the same was said";
  EXPECT_EQ(again->step, resolved->step);
  EXPECT_FALSE(again->is_new);
  const auto otherwise = transact([&](Transaction& tx) {
    return tx.runs().resolve(unknown, {.outcome = Resolution::Outcome::not_done}, clock.now());
  });
  EXPECT_EQ(otherwise.error().code, ErrorCode::conflict) << "something else was said";

  const auto after = journal();
  ASSERT_EQ(after.size(), before.size() + 1);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i].content, before[i].content);
  EXPECT_EQ(after.back().kind, StepKind::resolved);
  EXPECT_EQ(run().resolved_calls, 1);
  EXPECT_EQ(run().steps, 11);
  const auto calls =
      read([&](const Transaction& tx) { return tx.runs().unknown_calls(lease.run); });
  ASSERT_EQ(calls.size(), 1);
  EXPECT_EQ(calls[0].result.id, unknown);
  EXPECT_EQ(calls[0].intent.at("name"), "send");
  ASSERT_TRUE(calls[0].resolved);
  const auto messages = read([&](const Transaction& tx) {
    return tx.messages().list(run().conversation->key, {.order = Order::ascending});
  });
  ASSERT_EQ(messages.size(), 5) << "nothing is said twice";
  EXPECT_EQ(messages[2].meta.find("outcome_unknown"), std::string::npos) << messages[2].meta;
  EXPECT_NE(messages[2].meta.find("order 7"), std::string::npos) << messages[2].meta;
}

TEST_F(RunWithAnOpenCall, IsFoundByItsUnknownOutcomeUntilThatIsResolved) {
  const auto found = [&](bool unknown) {
    return read([&](const Transaction& tx) {
             return tx.runs().look({.account = trigger.account}, {.has_unknown = unknown});
           })
        .rows.size();
  };
  EXPECT_EQ(found(true), 0);
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<bool> {
    return tx.runs().cancel(lease.run, "by hand", clock.now());
  }));
  EXPECT_EQ(found(true), 1);
  EXPECT_EQ(found(false), 0);
  ASSERT_TRUE(transact([&](Transaction& tx) {
    return tx.runs().resolve({lease.run, 9}, {.outcome = Resolution::Outcome::not_done},
                             clock.now());
  }));
  EXPECT_EQ(found(true), 0);
  EXPECT_EQ(found(false), 1);
}

TEST_F(RunWithAnOpenCall, IsNotResolvedWhileItsWorkerNumbersTheSteps) {
  ASSERT_TRUE(record({{.kind = StepKind::result,
                       .content = R"({"intent":7,"isError":true,"outcomeUnknown":true})",
                       .outcome_unknown = true}}));
  const auto resolve = [&] {
    return transact([&](Transaction& tx) {
      return tx.runs().resolve({lease.run, 9}, {.outcome = Resolution::Outcome::done}, clock.now());
    });
  };
  EXPECT_EQ(resolve().error().code, ErrorCode::conflict);
  ASSERT_TRUE(wait(store->finish({.lease = lease, .now = clock.now(), .state = RunState::queued})));
  EXPECT_TRUE(resolve());
  EXPECT_EQ(wait(store->claim({.run = lease.run, .now = clock.now(), .expires_at = clock.now()}))
                .value()
                .run.steps,
            10)
      << "the next attempt goes on after it";
}

TEST_F(RunWithAnOpenCall, IsCanceledWithAnUnknownOutcomeWhenItsTriggerIsDeleted) {
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    trigger.deleted_at = clock.now();
    if (auto kept = tx.triggers().update(trigger); !kept) return kept;
    tx.start_job(trigger.account, JobKind::cancel_trigger_runs, trigger.id.key.value);
    return {};
  }));
  // Each pass is answered after the commits before it, so the job gets its turn.
  for (int i = 0; i < 1000 && run().state == RunState::running; ++i) add_trigger("another");
  expect_an_unknown_outcome_and_the_end();
}

TEST_F(StoreTest, ATransactionThatFailsLeavesNothing) {
  const Trigger trigger = add_trigger();
  const auto failed = transact([&](Transaction& tx) -> Result<void> {
    Bot bot{.account = trigger.account, .name = "Gone"};
    if (auto kept = tx.bots().add(bot); !kept) return kept;
    return fail(ErrorCode::invalid, "no");
  });
  EXPECT_FALSE(failed);
  const auto bots =
      read([&](const Transaction& tx) { return tx.bots().list({.account = trigger.account}); });
  EXPECT_EQ(bots.size(), 1);
}

TEST_F(StoreTest, AnotherAdminIsALivingTokenOfAnEnabledAccount) {
  Account account{.name = "a"};
  Token token{.scopes = all_scopes, .expires_at = clock.now() + 1h};
  const auto has_another = [&](TokenKey than) {
    return read([&](const Transaction& tx) { return tx.has_other_admin(than, clock.now()); });
  };
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    if (auto kept = tx.accounts().add(account); !kept) return kept;
    token.account = account.id.key;
    return tx.tokens().add(token);
  }));
  EXPECT_TRUE(has_another(TokenKey{}));
  EXPECT_FALSE(has_another(token.id.key));

  token.scopes = default_scopes;
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.tokens().update(token); }));
  EXPECT_FALSE(has_another(TokenKey{})) << "it is no admin";

  token.scopes = all_scopes;
  account.state = AccountState::disabled;
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    if (auto kept = tx.tokens().update(token); !kept) return kept;
    return tx.accounts().update(account);
  }));
  EXPECT_FALSE(has_another(TokenKey{})) << "its account is disabled";

  account.state = AccountState::enabled;
  ASSERT_TRUE(transact([&](Transaction& tx) { return tx.accounts().update(account); }));
  EXPECT_TRUE(has_another(TokenKey{}));
  clock.advance(1h);
  EXPECT_FALSE(has_another(TokenKey{})) << "it has expired";
}

TEST_F(StoreTest, AnAliasIsUniqueInItsAccount) {
  const Trigger trigger = add_trigger();
  const auto add = [&] {
    return transact([&](Transaction& tx) {
      Bot bot{.account = trigger.account, .alias = "clerk"};
      return tx.bots().add(bot);
    });
  };
  EXPECT_TRUE(add());
  const auto again = add();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
}

TEST_F(StoreTest, AReferenceToARemovedRowReadsAsNone) {
  const Trigger trigger = add_trigger();
  ASSERT_TRUE(transact(
      [&](Transaction& tx) -> Result<bool> { return tx.bots().remove(trigger.bot->key); }));
  const auto found = read([&](const Transaction& tx) { return tx.triggers().find(trigger.id); });
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->bot);
}

TEST_F(StoreTest, AStoppedStoreRefusesAndDoesNotKeepAnybodyWaiting) {
  const Trigger trigger = add_trigger();
  store->stop();
  EXPECT_EQ(accept(trigger, "x").outcome, AcceptOutcome::unavailable);
  EXPECT_THROW(claim(EventId{1}), StoreUnavailable);
  EXPECT_THROW(read([](const Transaction&) { return 0; }), StoreUnavailable);
}

TEST_F(StoreTest, TheProofOfTheMasterKeyIsKept) {
  const auto proof = [](const Transaction& snapshot) { return snapshot.key_proof(); };
  EXPECT_FALSE(read(proof));
  const std::string sealed{"\1\0\xFF", 3};
  ASSERT_TRUE(transact([&](Transaction& tx) -> Result<void> {
    tx.keep_key_proof(sealed);
    return {};
  }));
  reopen();
  EXPECT_EQ(read(proof), sealed);
}

// Broke once: two slow lists of one account held both readers, and no run anywhere went on.
TEST_F(StoreTest, ALookUpDoesNotWaitBehindLists) {
  std::promise<void> looked_up;
  const std::shared_future<void> look_up = looked_up.get_future().share();
  const auto list = [look_up](const Transaction&) {
    return look_up.wait_for(5s) == std::future_status::ready;
  };
  boost::asio::io_context& lists = new_context();
  int in_vain = 0;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(lists, store->read(list, ReadKind::list),
                          [&](std::exception_ptr, bool saw_it) { in_vain += saw_it ? 0 : 1; });
  }
  lists.poll();
  for (int i = 0; i < 100; ++i) read([](const Transaction&) { return 0; });
  looked_up.set_value();
  lists.restart();
  lists.run();
  EXPECT_EQ(in_vain, 0);
}

TEST_F(StoreTest, AnUploadThatWasGivenUpIsNotKept) {
  const AccountKey account = add_trigger().account;
  const auto kept = transact([&](Transaction& tx) -> Result<std::vector<bool>> {
    File file{.account = account, .name = "notes"};
    if (auto added = tx.files().add(file); !added) return std::unexpected(added.error());
    const UploadKey first = tx.files().start_upload(file, clock.now());
    const UploadKey second = tx.files().start_upload(file, clock.now() + 2h);
    return std::vector{tx.files().keep_upload(first), tx.files().keep_upload(second)};
  });
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, (std::vector{false, true}));
}

}  // namespace
}  // namespace bellpull
