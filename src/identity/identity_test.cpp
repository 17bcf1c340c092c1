#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "identity/accounts.h"
#include "identity/authenticator.h"
#include "identity/bearer.h"
#include "identity/caller.h"
#include "identity/permit.h"
#include "sqlite/sqlite_store.h"
#include "store/transaction.h"
#include "support/fake_clock.h"
#include "support/troubled_store.h"

namespace bellpull {
namespace {

TEST(BearerTest, ReadsTheSchemeInAnyCase) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER   abc  "), "abc");
}

TEST(BearerTest, RefusesOtherSchemesAndNoToken) {
  for (const char* header : {"", "Bearer", "Bearer ", "Basic abc", "Bearerabc", "abc"}) {
    EXPECT_FALSE(bearer_token(header)) << header;
  }
}

TEST(BearerTest, KnowsTheFormOfAToken) {
  EXPECT_TRUE(has_token_form("sk-" + std::string(64, 'a')));
  EXPECT_FALSE(has_token_form("sk-" + std::string(63, 'a')));
  EXPECT_FALSE(has_token_form("sk-" + std::string(64, 'A')));
  EXPECT_FALSE(has_token_form(std::string(67, 'a')));
}

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): only GoogleTest destroys it
class IdentityTest : public testing::Test {
 protected:
  IdentityTest() : folder_(make_folder()), store_(folder_, random, clock, log_) { store_.start(); }
  ~IdentityTest() override {
    store_.stop();
    std::filesystem::remove_all(folder_);
  }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr failure, T value) {
      if (failure) std::rethrow_exception(failure);
      result = std::move(value);
    });
    io_.restart();
    io_.run();
    return std::move(result.value());
  }

  template <class Work>
  auto transact(Work work) {
    return run(store_.transact(std::move(work)));
  }

  // The text of the first account's token, after `change` was made to it.
  template <class Change>
  std::string make_token(Change change) {
    const auto made = transact([&](Transaction& rows) {
      return make_first_account(rows, std::nullopt, random, clock.now());
    });
    transact([&](Transaction& rows) {
      token = rows.tokens().list({.account = AccountKey{1}, .page = {}}).at(0);
      change(token);
      return rows.tokens().update(token);
    });
    return made.value().value();
  }
  std::string make_token() {
    return make_token([](Token&) {});
  }

  Result<Caller> authenticate(const std::string& text) {
    return run(authenticator.authenticate(text));
  }

 private:
  static std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "identity_test_XXXXXX").string();
    // NOLINTNEXTLINE(misc-include-cleaner): POSIX adds mkdtemp to what cstdlib holds
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
  }

  boost::asio::io_context io_;
  Log log_{LogFormat::text, LogLevel::error};
  const std::filesystem::path folder_;

 protected:
  FakeClock clock;
  SystemRandom random;
  Token token;

 private:
  SqliteStore store_;

 protected:
  TroubledStore counted{store_};
  Authenticator authenticator{counted, clock};
};

TEST_F(IdentityTest, AnEmptyStoreGetsAnAdminWithATokenOfAllScopes) {
  const std::string text = make_token();
  EXPECT_TRUE(has_token_form(text));
  const auto caller = authenticate(text);
  ASSERT_TRUE(caller);
  EXPECT_TRUE(caller->allows(Scope::admin));

  const auto again = transact([&](Transaction& rows) {
    return make_first_account(rows, "sk-" + std::string(64, 'b'), random, clock.now());
  });
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again) << "the operator's token counts on an empty store only";
  EXPECT_FALSE(authenticate("sk-" + std::string(64, 'b')));
}

TEST_F(IdentityTest, APermitEndsWithTheTokenOrAScopeOfIt) {
  const std::string text = make_token();
  const Caller caller = *authenticate(text);
  const Permit reading{authenticator, caller, static_cast<std::int64_t>(Scope::read)};
  const Permit writing{authenticator, caller, static_cast<std::int64_t>(Scope::write)};
  EXPECT_TRUE(run(writing.check()));

  ASSERT_TRUE(transact([&](Transaction& rows) {
    token.scopes = static_cast<std::int64_t>(Scope::read);
    return rows.tokens().update(token);
  }));
  authenticator.forget(token.id.key);
  EXPECT_TRUE(run(reading.check()));
  EXPECT_EQ(run(writing.check()).error().code, ErrorCode::forbidden);

  ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
    rows.tokens().remove(token.id.key);
    return {};
  }));
  authenticator.forget(token.id.key);
  EXPECT_EQ(run(reading.check()).error().code, ErrorCode::unauthenticated);
}

TEST_F(IdentityTest, TheOperatorsTokenIsTakenInTheRightForm) {
  const auto refused = transact(
      [&](Transaction& rows) { return make_first_account(rows, "letmein", random, clock.now()); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);

  const std::string chosen = "sk-" + std::string(64, 'c');
  const auto made = transact(
      [&](Transaction& rows) { return make_first_account(rows, chosen, random, clock.now()); });
  EXPECT_EQ(made.value(), chosen);
  EXPECT_TRUE(authenticate(chosen));
}

TEST_F(IdentityTest, AKnownTokenIsRecalledFromMemory) {
  const std::string text = make_token();
  EXPECT_FALSE(authenticator.recall(text)) << "nobody has used it";
  ASSERT_TRUE(authenticate(text));
  const auto caller = authenticator.recall(text);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->token, token.id.key);

  clock.advance(std::chrono::seconds{61});
  EXPECT_FALSE(authenticator.recall(text)) << "another process may have changed it since";
}

TEST_F(IdentityTest, AnExpiredTokenIsRefusedAlsoFromMemory) {
  const std::string text =
      make_token([&](Token& made) { made.expires_at = clock.now() + std::chrono::seconds{10}; });
  ASSERT_TRUE(authenticate(text));
  clock.advance(std::chrono::seconds{10});
  EXPECT_FALSE(authenticator.recall(text));
  const auto refused = authenticate(text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unauthenticated);
}

TEST_F(IdentityTest, ARemovedTokenIsRefusedOnceItIsForgotten) {
  const std::string text = make_token();
  ASSERT_TRUE(authenticate(text));
  ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
    rows.tokens().remove(token.id.key);
    return {};
  }));
  authenticator.forget(token.id.key);
  EXPECT_FALSE(authenticate(text));
}

TEST_F(IdentityTest, ADisabledAccountHasNoCallersUntilItIsEnabled) {
  const std::string text = make_token();
  ASSERT_TRUE(authenticate(text));
  const auto set_state = [&](AccountState state) {
    EXPECT_TRUE(transact([&](Transaction& rows) -> Result<void> {
      Account account = rows.accounts().find(token.account).value();
      account.state = state;
      return rows.accounts().update(account);
    }));
    authenticator.forget_account(token.account);
  };
  set_state(AccountState::disabled);
  EXPECT_FALSE(authenticate(text));
  set_state(AccountState::enabled);
  EXPECT_TRUE(authenticate(text)) << "what was unknown meanwhile is forgotten too";
}

TEST_F(IdentityTest, AFloodOfGuessesShutsNobodyOut) {
  const std::string text = make_token();
  ASSERT_FALSE(authenticator.recall(text)) << "memory does not know it yet";
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(authenticate("sk-" + random.hex(32)).error().code, ErrorCode::unauthenticated);
  }
  EXPECT_TRUE(authenticate(text));
}

TEST_F(IdentityTest, ATokenThatIsStillUnknownCostsOneRead) {
  const std::string guess = "sk-" + random.hex(32);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(authenticate(guess).error().code, ErrorCode::unauthenticated);
  }
  EXPECT_EQ(counted.reads, 1);
}

}  // namespace
}  // namespace bellpull
