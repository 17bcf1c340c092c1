// bench_seed: fills the data directory of a stopped server with what lists are measured on.
//
// It goes through the store, a thousand rows a commit, because a million requests would take longer
// than what is measured with them. What a row has follows from its number.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/core.h>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "sqlite/sqlite_store.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

// Dense, one in 20, one in a thousand, one in all; the number is one on purpose.
std::string meta_of(std::int64_t i) {
  return fmt::format(
      R"({{"half":"{}","tenant":"t{}","batch":"b{}","customer":{},"deep":{{"er":"x{}"}}}})",
      i % 2 == 0 ? "even" : "odd", i % 20, i % 1'000, i, i);
}

class Seed {
 public:
  Seed(Store& store, const Clock& clock, AccountKey account)
      : store_(store), clock_(clock), account_(account) {}

  void fill(std::int64_t conversations, std::int64_t others) {
    constexpr std::int64_t some = 100;
    add(some, [&](Transaction& tx, std::int64_t i) {
      Skillset added = make<Skillset>(i);
      auto kept = tx.skillsets().add(added);
      skillsets_.push_back(added.id);
      return kept;
    });
    add(some, [&](Transaction& tx, std::int64_t i) {
      Bot added = make<Bot>(i);
      added.skillset = skillsets_.front();
      auto kept = tx.bots().add(added);
      bots_.push_back(added.id);
      return kept;
    });
    add(others, [&](Transaction& tx, std::int64_t i) {
      Ability added = make<Ability>(i);
      added.skillset = one_of(skillsets_, i);
      return tx.abilities().add(added);
    });
    add(others, [&](Transaction& tx, std::int64_t i) {
      Trigger added = make<Trigger>(i);
      added.bot = one_of(bots_, i);
      return tx.triggers().add(added);
    });
    add(others, [&](Transaction& tx, std::int64_t i) {
      Contact added = make<Contact>(i);
      added.fingerprint = fmt::format("fingerprint-{}", i);
      added.email = fmt::format("c{}@example.com", i % (others / 2));
      added.phone = fmt::format("+4930{:07}", i % (others / 2));
      auto kept = tx.contacts().add(added);
      contacts_.push_back(added.id);
      return kept;
    });
    add(conversations, [&](Transaction& tx, std::int64_t i) {
      Conversation added = make<Conversation>(i);
      added.bot = one_of(bots_, i);
      added.contact = one_of(contacts_, i);
      added.task = fmt::format("task-{}", i % 1'000);
      return tx.conversations().add(added);
    });
  }

 private:
  template <class Resource>
  Resource make(std::int64_t i) const {
    Resource made{.account = account_};
    made.name = fmt::format("number {}", i);
    made.meta = meta_of(i);
    made.created_at = made.updated_at = clock_.now();
    return made;
  }

  // Every second row has the first, the others share the rest.
  template <class Id>
  static Id one_of(const std::vector<Id>& ids, std::int64_t i) {
    if (i % 2 == 0) return ids.front();
    return ids[static_cast<std::size_t>(i) % ids.size()];
  }

  void add(std::int64_t count,
           const std::function<Result<void>(Transaction& tx, std::int64_t i)>& add_one) {
    constexpr std::int64_t a_commit = 1'000;
    for (std::int64_t first = 0; first < count; first += a_commit) {
      const auto some = [&](Transaction& tx) -> Result<void> {
        for (std::int64_t i = first; i < std::min(first + a_commit, count); ++i) {
          if (auto kept = add_one(tx, i); !kept) return kept;
        }
        return {};
      };
      boost::asio::io_context context;
      auto kept = boost::asio::co_spawn(context, store_.transact(some), boost::asio::use_future);
      context.run();
      if (const auto result = kept.get(); !result) {
        throw std::runtime_error("a row was refused: " + result.error().message);
      }
    }
  }

  Store& store_;
  const Clock& clock_;
  const AccountKey account_;
  std::vector<SkillsetId> skillsets_;
  std::vector<BotId> bots_;
  std::vector<ContactId> contacts_;
};

}  // namespace
}  // namespace bellpull

int main(int argc, char** argv) {
  using namespace bellpull;
  std::string folder;
  std::int64_t conversations = 1'000'000;
  std::int64_t others = 100'000;
  CLI::App app{"Fills a data directory with rows to list"};
  app.add_option("--data", folder, "data directory of a stopped server")->required();
  app.add_option("--conversations", conversations, "how many");
  app.add_option("--others", others, "how many triggers, contacts and abilities each");
  CLI11_PARSE(app, argc, argv);

  try {
    const SystemClock clock;
    SystemRandom random;
    Log log{LogFormat::text, LogLevel::warning};
    SqliteStore store{folder, random, clock, log};
    store.start();
    Seed{store, clock, AccountKey{1}}.fill(conversations, others);
    store.stop();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_seed: {}\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
