// A real store in a folder of its own with an account, a bot with a skillset and a trigger: what a
// test of runs needs around it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/bot.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "domain/trigger.h"
#include "sqlite/sqlite_store.h"
#include "store/store.h"
#include "store/transaction.h"
#include "support/fake_clock.h"

namespace bellpull {

class RunStage {
 public:
  RunStage() : folder_(new_folder()), store_(folder_, random, clock, log) {}
  ~RunStage() {
    if (started_) store_.stop();
    std::filesystem::remove_all(folder_);
  }
  RunStage(const RunStage&) = delete;
  RunStage& operator=(const RunStage&) = delete;

  Store& store() { return store_; }
  // After the listeners are known.
  void start() {
    store_.start();
    started_ = true;
    furnish();
  }
  void stop() {
    store_.stop();
    started_ = false;
  }

  // Runs the loop until the task has given its result; its exception is the test's.
  template <class T>
  T await(Task<T> task) {
    std::optional<T> result;
    std::exception_ptr broken;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure, T value) {
      broken = failure;
      if (!failure) result.emplace(std::move(value));
    });
    run_until([&] { return result || broken; });
    if (broken) std::rethrow_exception(broken);
    return std::move(*result);
  }
  template <class Done>
  void run_until(Done done) {
    const auto work = boost::asio::make_work_guard(io);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!done()) {
      if (io.run_one_for(std::chrono::milliseconds{100}) == 0 &&
          std::chrono::steady_clock::now() > limit) {
        throw std::runtime_error("the stage waited in vain");
      }
      if (io.stopped()) io.restart();
    }
  }

  template <class Work>
  auto change(Work work) {
    return await(store_.transact(std::move(work)));
  }
  template <class Work>
  auto look(Work work) {
    return await(store_.read(std::move(work)));
  }

  EventId fire(std::string body, std::string session = {}, ContactClaim contact = {}) {
    const SessionKey key = session_key_of(session, contact);
    const auto kept = change([&](Transaction& transaction) -> Result<EventId> {
      NewEvent event{.trigger = trigger.id.key,
                     .account = account.id.key,
                     .trigger_version = trigger.version,
                     .received_at = clock.now(),
                     .method = "POST",
                     .content_type = "application/json",
                     .headers = "{}",
                     .session = key.text(),
                     .session_number = key.empty() ? 0 : session_number(trigger.id.key, key),
                     .contact_name = contact.name,
                     .contact_email = contact.email,
                     .contact_phone = contact.phone,
                     .body = body};
      return transaction.runs().add(event);
    });
    return kept.value();
  }
  ClaimedRun claim(EventId event) {
    return await(store_.claim({.run = run_of(event),
                               .now = clock.now(),
                               .expires_at = clock.now() + std::chrono::minutes{1}}))
        .value();
  }

  Run run(EventId event) {
    return look([event](const Transaction& snapshot) {
             return snapshot.runs().find(run_of(event), RunStore::Body::without);
           })
        .value()
        .run;
  }
  std::vector<Step> steps(EventId event) {
    return look([event](const Transaction& snapshot) {
      return snapshot.runs().steps(run_of(event), {.take = 1000, .order = Order::ascending}).rows;
    });
  }
  // "opened model intent result settled".
  std::string journal(EventId event) {
    std::string kinds;
    for (const Step& step : steps(event)) {
      kinds += kinds.empty() ? "" : " ";
      kinds += step_kind_name(step.kind);
    }
    return kinds;
  }
  boost::json::object step_content(EventId event, std::int64_t number) {
    return boost::json::parse(steps(event).at(static_cast<std::size_t>(number - 1)).content)
        .as_object();
  }
  std::vector<Message> messages(EventId event) {
    const auto conversation = run(event).conversation;
    if (!conversation) return {};
    return look([key = conversation->key](const Transaction& snapshot) {
      return snapshot.messages().list(key, {.take = max_page, .order = Order::ascending});
    });
  }

  Ability add_ability(std::string name, std::string instruction = {}) {
    Ability ability{.account = account.id.key,
                    .skillset = skillset.id,
                    .name = std::move(name),
                    .instruction = std::move(instruction)};
    return add(ability, [](Transaction& t) -> auto& { return t.abilities(); });
  }

  SystemRandom random;
  FakeClock clock;
  Log log{LogFormat::text, LogLevel::error};
  boost::asio::io_context io{1};
  Account account;
  Skillset skillset;
  Bot bot;
  Trigger trigger;

 private:
  static std::filesystem::path new_folder() {
    SystemRandom random;
    auto folder = std::filesystem::temp_directory_path() / ("bellpull-stage-" + random.hex(8));
    std::filesystem::create_directories(folder);
    return folder;
  }

  template <class Resource, class Table>
  Resource add(Resource resource, Table table) {
    return change([&](Transaction& transaction) -> Result<Resource> {
             resource.created_at = clock.now();
             if (auto added = table(transaction).add(resource); !added) {
               return std::unexpected(added.error());
             }
             return resource;
           })
        .value();
  }

  void furnish() {
    account = add(Account{.name = "stage"}, [](Transaction& t) -> auto& { return t.accounts(); });
    skillset = add(Skillset{.account = account.id.key, .name = "skills"},
                   [](Transaction& t) -> auto& { return t.skillsets(); });
    bot = add(Bot{.account = account.id.key,
                  .name = "Bell",
                  .backstory = "You are Bell.",
                  .skillset = skillset.id},
              [](Transaction& t) -> auto& { return t.bots(); });
    trigger = add(Trigger{.account = account.id.key,
                          .name = "Orders",
                          .description = "Handle orders.",
                          .bot = bot.id,
                          .meta = R"({"team":"ops"})"},
                  [](Transaction& t) -> auto& { return t.triggers(); });
  }

  const std::filesystem::path folder_;
  SqliteStore store_;
  bool started_ = false;
};

}  // namespace bellpull
