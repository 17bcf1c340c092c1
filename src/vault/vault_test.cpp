#include "vault/vault.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

class VaultTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("vault_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TEST_F(VaultTest, WhatIsSealedOpensOnlyAtItsPlace) {
  const Vault vault = Vault::make_file(folder / "master.key");
  const std::string sealed = vault.seal("the secret", "trigger:1");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(vault.open(sealed, "trigger:1"), "the secret");
  EXPECT_FALSE(vault.open(sealed, "trigger:2"));
}

TEST_F(VaultTest, AChangedByteOrAnotherKeyDoesNotOpen) {
  const Vault vault = Vault::make_file(folder / "master.key");
  const Vault other = Vault::make_file(folder / "other.key");
  std::string sealed = vault.seal("the secret", "here");
  EXPECT_FALSE(other.open(sealed, "here"));
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  EXPECT_FALSE(vault.open(sealed, "here"));
  EXPECT_FALSE(vault.open("", "here"));
}

TEST_F(VaultTest, TheKeyFileIsItsOwnersOnlyAndReadAgain) {
  const std::filesystem::path file = folder / "master.key";
  const Vault first = Vault::make_file(file);
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto again = Vault::from_file(file);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->open(first.seal("x", "y"), "y"), "x");
}

TEST_F(VaultTest, AMissingKeyFileIsNotMadeByReadingIt) {
  const std::filesystem::path file = folder / "master.key";
  const auto missing = Vault::from_file(file);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(VaultTest, AMalformedOrOpenKeyFileIsRefused) {
  const std::filesystem::path file = folder / "master.key";
  std::ofstream{file} << "abc";
  std::filesystem::permissions(
      file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_FALSE(Vault::from_file(file));
  std::filesystem::permissions(file, std::filesystem::perms::all);
  const auto open = Vault::from_file(file);
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().hint.find("chmod 600"), std::string::npos);
}

TEST(SecretTest, OnlyTheSameTextIsEqual) {
  EXPECT_TRUE(equal_secrets("secret", "secret"));
  EXPECT_FALSE(equal_secrets("secret", "secreT"));
  EXPECT_FALSE(equal_secrets("secret", "secret "));
  // Every place counts, in the large pieces and after them.
  const std::string secret(150, 's');
  EXPECT_TRUE(equal_secrets(secret, std::string(150, 's')));
  for (std::size_t place = 0; place < secret.size(); ++place) {
    std::string other = secret;
    other[place] = 'x';
    EXPECT_FALSE(equal_secrets(secret, other)) << place;
  }
}

TEST(DigestTest, IsSha256) {
  EXPECT_EQ(digest_of("abc")[0], 0xBA);
  EXPECT_TRUE(equal_digests(digest_of("abc"), digest_of("abc")));
  EXPECT_FALSE(equal_digests(digest_of("abc"), digest_of("abd")));
}

TEST(Vault, ASignatureIsOfOneTextForOnePurposeUnderOneKey) {
  const Vault vault = *Vault::from_hex(std::string(64, 'a'));
  const Digest signature = vault.sign("text", "upload");
  EXPECT_EQ(signature, vault.sign("text", "upload"));
  EXPECT_NE(signature, vault.sign("texu", "upload"));
  EXPECT_NE(signature, vault.sign("text", "download"));
  EXPECT_NE(signature, Vault::from_hex(std::string(64, 'b'))->sign("text", "upload"));
}

}  // namespace
}  // namespace bellpull
