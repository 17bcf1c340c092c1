#include "app/key_rotation.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "app/master_key.h"
#include "app/settings.h"
#include "base/result.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "secret/sealed_secret.h"
#include "sqlite/data_directory.h"
#include "store/store_fixture.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

// A data directory with one of everything that is sealed.
class KeyRotationTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    settings.data = folder;
    Vault::make_file(key_file());
    furnish(*Vault::from_file(key_file()));
    store->stop();
  }
  // Stopping it twice does nothing.

  std::filesystem::path key_file() const { return folder / "master.key"; }
  std::filesystem::path pending_file() const { return folder / "master.key.next"; }
  std::string text_of(const std::filesystem::path& file) const {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
  }

  void furnish(const Vault& vault) {
    trigger = add_trigger();
    ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
      if (auto proven = prove_master_key(rows, vault); !proven) return proven;
      trigger.sealed_secret = vault.seal("of a trigger", trigger_secret_place(trigger.id.key));
      trigger.sealed_previous_secret = vault.seal("before", trigger_secret_place(trigger.id.key));
      if (auto kept = rows.triggers().update(trigger); !kept) return kept;
      if (auto kept = rows.secrets().add(secret); !kept) return kept;
      secret.new_value = "a value";
      secret.new_config = R"({"clientSecret":"s"})";
      seal_given(vault, secret);
      if (auto kept = rows.secrets().update(secret); !kept) return kept;
      Contact contact{.fingerprint = "0123456789abcdef"};
      if (auto kept = rows.contacts().add(contact); !kept) return kept;
      personal.secret = secret.id;
      personal.contact = contact.id;
      personal.sealed_value =
          vault.seal("of a contact", personal_secret_place(secret.id.key, contact.id.key));
      return rows.personal_secrets().add(personal);
    }));
  }

  // Whether a start comes up, and reads everything.
  void expect_everything_readable() {
    {
      const auto directory = DataDirectory::open(folder);
      ASSERT_TRUE(directory);
      const auto vault = open_vault(settings, *directory);
      ASSERT_TRUE(vault) << vault.error().message;
      open();
      const auto proven =
          transact([&](Transaction& rows) { return prove_master_key(rows, *vault); });
      EXPECT_TRUE(proven) << proven.error().message;
      const auto opened = read([&](const Transaction& rows) {
        const Trigger ringing = rows.triggers().find(trigger.id.key).value();
        EXPECT_EQ(trigger_secret(*vault, ringing), "of a trigger");
        EXPECT_EQ(previous_trigger_secret(*vault, ringing), "before");
        const Secret kept = rows.secrets().find(secret.id.key).value();
        EXPECT_EQ(secret_value(*vault, kept), "a value");
        EXPECT_EQ(secret_config(*vault, kept)->at("clientSecret"), "s");
        EXPECT_EQ(secret_value(*vault, rows.personal_secrets().find(personal.id.key).value()),
                  "of a contact");
        return true;
      });
      EXPECT_TRUE(opened);
    }
    store->stop();
  }

  // What is there after the commit of a rotation that was killed before it moved the files.
  std::string kill_after_commit() {
    const std::string old = text_of(key_file());
    const auto rotation = rotate_key(settings);
    EXPECT_TRUE(rotation);
    std::filesystem::rename(key_file(), pending_file());
    std::filesystem::rename(rotation->retired_file, key_file());
    return old;
  }

  Settings settings;
  Trigger trigger;
  Secret secret;
  PersonalSecret personal;
};

TEST_F(KeyRotationTest, EverythingIsSealedWithTheNewKeyAndTheOldOneIsKept) {
  const std::string old = text_of(key_file());
  const auto rotation = rotate_key(settings);
  ASSERT_TRUE(rotation) << rotation.error().message;
  EXPECT_EQ(rotation->values, 6);
  EXPECT_EQ(rotation->unreadable, 0);
  EXPECT_NE(text_of(key_file()), old);
  EXPECT_EQ(text_of(rotation->retired_file), old);
  expect_everything_readable();
  ASSERT_TRUE(rotate_key(settings)) << "and again";
  expect_everything_readable();
}

TEST_F(KeyRotationTest, KilledBeforeTheCommitTheOldKeyIsTheKey) {
  const std::string old = text_of(key_file());
  Vault::make_file(pending_file());
  expect_everything_readable();
  EXPECT_EQ(text_of(key_file()), old);
  EXPECT_FALSE(std::filesystem::exists(pending_file()));
}

TEST_F(KeyRotationTest, KilledAfterTheCommitAStartCompletesIt) {
  const std::string old = kill_after_commit();
  expect_everything_readable();
  EXPECT_NE(text_of(key_file()), old);
  EXPECT_FALSE(std::filesystem::exists(pending_file()));
}

TEST_F(KeyRotationTest, KilledBetweenTheTwoMovesAStartCompletesIt) {
  kill_after_commit();
  std::filesystem::rename(key_file(), folder / "master.key.retired-x");
  expect_everything_readable();
}

TEST_F(KeyRotationTest, AWrongKeyChangesNothing) {
  settings.master_key = std::string(64, 'b');
  settings.new_master_key = std::string(64, 'c');
  const auto refused = rotate_key(settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  settings.master_key.reset();
  settings.new_master_key.reset();
  expect_everything_readable();
}

TEST_F(KeyRotationTest, AKeyOfTheEnvironmentIsReplacedByOneOfTheEnvironment) {
  settings.master_key = text_of(key_file()).substr(0, 64);
  std::filesystem::remove(key_file());
  const auto incomplete = rotate_key(settings);
  ASSERT_FALSE(incomplete);
  EXPECT_NE(incomplete.error().message.find("BELLPULL_NEW_MASTER_KEY is missing"),
            std::string::npos);
  settings.new_master_key = std::string(64, 'c');
  ASSERT_TRUE(rotate_key(settings));
  const auto again = rotate_key(settings);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "the secrets are sealed with the new key already");
  settings.master_key = settings.new_master_key;
  expect_everything_readable();
}

TEST_F(KeyRotationTest, ADirectoryThatIsServedOrIsNoneIsRefused) {
  {
    const auto directory = DataDirectory::open(folder);
    ASSERT_TRUE(directory);
    const auto refused = rotate_key(settings);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("in use by another process"), std::string::npos);
  }
  settings.data = folder / "nothing";
  EXPECT_EQ(rotate_key(settings).error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(settings.data)) << "nothing is made";
}

}  // namespace
}  // namespace bellpull
