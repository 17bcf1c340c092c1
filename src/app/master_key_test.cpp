#include "app/master_key.h"

#include <string>

#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/trigger.h"
#include "store/store_fixture.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {
namespace {

class MasterKeyTest : public StoreTest {
 protected:
  Result<void> prove(const Vault& vault) {
    return transact([&](Transaction& rows) { return prove_master_key(rows, vault); });
  }

  void seal_secret(Trigger trigger, const Vault& vault) {
    ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
      trigger.sealed_secret = vault.seal("secret", trigger_secret_place(trigger.id.key));
      return rows.triggers().update(trigger);
    }));
  }

  const Vault right = *Vault::from_hex(std::string(64, 'a'));
  const Vault wrong = *Vault::from_hex(std::string(64, 'b'));
};

TEST_F(MasterKeyTest, TheFirstKeyIsTheRightOne) {
  ASSERT_TRUE(prove(right));
  EXPECT_TRUE(prove(right));
  const auto refused = prove(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(MasterKeyTest, WithoutAProofTheTriggersSecretsJudge) {
  add_trigger();  // one without a secret says nothing
  seal_secret(add_trigger(), right);
  EXPECT_FALSE(prove(wrong));
  EXPECT_TRUE(prove(right)) << "the wrong key was not recorded";
  EXPECT_FALSE(prove(wrong));
}

TEST_F(MasterKeyTest, ASecretSealedUnderAWrongKeyDoesNotOutvoteTheOthers) {
  seal_secret(add_trigger(), wrong);
  seal_secret(add_trigger(), right);
  EXPECT_TRUE(prove(right));
}

}  // namespace
}  // namespace bellpull
