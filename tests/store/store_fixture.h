// A store in a folder of its own, driven from plain test code.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/trigger.h"
#include "sqlite/sqlite_store.h"
#include "store/store.h"
#include "support/fake_clock.h"

namespace bellpull {

// Accepts one batch and waits for its commit.
class WaitedBatch final : public AcceptBatch {
 public:
  void committed() override { done_.set_value(); }
  void wait() { done_.get_future().wait(); }

 private:
  std::promise<void> done_;
};

// Two threads wait for each other, but not for ever: a read that fails never arrives.
class Meeting {
 public:
  void arrive() {
    std::unique_lock lock{mutex_};
    ++here_;
    all_here_.notify_all();
    all_here_.wait_for(lock, std::chrono::seconds{2}, [this] { return here_ == 2; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  int here_ = 0;
};

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("store_test_" + std::to_string(::getpid()) + "_" +
              testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    open();
  }

  void TearDown() override {
    store->stop();
    store.reset();
    std::filesystem::remove_all(folder);
  }

  void open() {
    store = std::make_unique<SqliteStore>(folder, random, clock, log);
    store->start();
  }

  void reopen() {
    store->stop();
    open();
  }

  // The store's threads may still be in the call that woke a context's run() when that has
  // returned, so they all live until the store has stopped.
  boost::asio::io_context& new_context() {
    const std::scoped_lock lock{contexts_mutex};
    contexts.push_back(std::make_unique<boost::asio::io_context>());
    return *contexts.back();
  }

  // Runs a task of the store to its end.
  template <class T>
  T wait(Task<T> task) {
    boost::asio::io_context& context = new_context();
    auto future = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
    context.run();
    return future.get();
  }

  template <class Work>
  auto transact(Work work) {
    return wait(store->transact(std::move(work)));
  }

  template <class Work>
  auto read(Work work) {
    return wait(store->read(std::move(work)));
  }

  template <class Look>
  auto read_page(const Page& page, Look look) {
    return wait(store->read_page(page, std::move(look)));
  }

  // What was being read is read: the two reading threads meet, so neither is still busy with it.
  void pass_readers() {
    Meeting both;
    boost::asio::io_context& reading = new_context();
    for (int reader = 0; reader < 2; ++reader) {
      auto met = store->read([&both](const Transaction&) {
        both.arrive();
        return 0;
      });
      boost::asio::co_spawn(reading, std::move(met), boost::asio::detached);
    }
    reading.run();
  }

  Trigger add_trigger(std::string name = "Orders") {
    const auto added = transact([&](Transaction& tx) -> Result<Trigger> {
      Account account{.name = "a", .created_at = clock.now()};
      if (auto kept = tx.accounts().add(account); !kept) return std::unexpected(kept.error());
      Bot bot{.account = account.id.key, .name = "Clerk", .created_at = clock.now()};
      if (auto kept = tx.bots().add(bot); !kept) return std::unexpected(kept.error());
      Trigger trigger{.account = account.id.key, .name = name, .bot = bot.id};
      if (auto kept = tx.triggers().add(trigger); !kept) return std::unexpected(kept.error());
      return trigger;
    });
    EXPECT_TRUE(added);
    return *added;
  }

  Acceptance accept(const Trigger& trigger, std::string_view body, const SessionKey& session = {},
                    const ContactClaim& contact = {}, std::string_view idempotency_key = {}) {
    return accept(
        NewEvent{.trigger = trigger.id.key,
                 .account = trigger.account,
                 .trigger_version = trigger.version,
                 .received_at = clock.now(),
                 .method = "POST",
                 .content_type = "application/json",
                 .headers = "{}",
                 .session = session.text(),
                 .session_number = session.empty() ? 0 : session_number(trigger.id.key, session),
                 .contact_name = contact.name,
                 .contact_email = contact.email,
                 .contact_phone = contact.phone,
                 .idempotency_key = idempotency_key,
                 .body = body});
  }

  Acceptance accept(const NewEvent& event) {
    WaitedBatch batch;
    batch.entries.push_back({.event = &event});
    store->accept(batch);
    batch.wait();
    return batch.entries.front().result;
  }

  Result<ClaimedRun> claim(EventId event) {
    return wait(store->claim(
        {.run = run_of(event), .now = clock.now(), .expires_at = clock.now() + Duration{60'000}}));
  }

  Result<OpenedRun> open_run(const Trigger& trigger, const Lease& lease,
                             Duration lifetime = default_session_duration) {
    return wait(store->open(
        {.lease = lease,
         .now = clock.now(),
         .trigger = trigger.id,
         .trigger_name = trigger.name,
         .bot = *trigger.bot,
         .session_lifetime = lifetime,
         .step = {.kind = StepKind::opened, .messages = {{MessageType::instruction, 0}}}}));
  }

  Result<void> finish(const Lease& lease, RunState state = RunState::succeeded) {
    return wait(store->finish({.lease = lease, .now = clock.now(), .state = state}));
  }

  // One event of a session from arrival to its end; its conversation.
  ConversationId process(const Trigger& trigger, const SessionKey& session,
                         Duration lifetime = default_session_duration) {
    const Acceptance kept = accept(trigger, "x", session);
    const auto claimed = claim(kept.event);
    EXPECT_TRUE(claimed);
    const auto opened = open_run(trigger, claimed->lease, lifetime);
    EXPECT_TRUE(opened);
    EXPECT_TRUE(finish(claimed->lease));
    return opened->conversation;
  }

  std::filesystem::path folder;
  std::mutex contexts_mutex;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts;
  FakeClock clock;
  SystemRandom random;
  Log log{LogFormat::text, LogLevel::error};
  std::unique_ptr<SqliteStore> store;
};

}  // namespace bellpull
