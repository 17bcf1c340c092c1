#include "sqlite/reseal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "sqlite/database.h"
#include "sqlite/migrations.h"
#include "sqlite/sealed_columns.h"
#include "sqlite/write_session.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class ResealTest : public testing::Test {
 protected:
  void SetUp() override {
    file = std::filesystem::temp_directory_path() /
           ("reseal_test_" + std::to_string(::getpid()) + ".db");
    TearDown();
  }
  void TearDown() override {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(file.string() + suffix);
    }
  }

  std::filesystem::path file;
  SystemRandom random;
};

Result<void> proven(Transaction& /*rows*/) { return {}; }

TEST_F(ResealTest, EverySealedColumnIsInTheTable) {
  Database database{file, OpenMode::create};
  migrate(database, main_migrations());
  Statement columns{database, R"sql(
    select tables.name, columns.name from sqlite_master tables
      join pragma_table_info(tables.name) columns
     where tables.type = 'table' and columns.name like 'sealed%')sql"};
  std::size_t found = 0;
  while (columns.step()) {
    ++found;
    const bool is_known = std::ranges::any_of(sealed_columns(), [&](const SealedColumn& one) {
      return one.table == columns.view(0) && one.column == columns.view(1);
    });
    EXPECT_TRUE(is_known) << columns.text(0) << '.' << columns.text(1)
                          << " is not in src/sqlite/sealed_columns.cpp";
  }
  EXPECT_EQ(found, sealed_columns().size());
}

TEST_F(ResealTest, EveryValueIsSealedForItsPlaceAndEmptyOnesStayEmpty) {
  {
    WriteSession session{file, random};
    session.begin();
    session.transaction().keep_key_proof("proof");
    for (int i = 0; i < 2'500; ++i) {
      Secret secret{.sealed_value = "old", .sealed_config = i == 0 ? "" : "old"};
      ASSERT_TRUE(session.transaction().secrets().add(secret));
    }
    session.commit();
  }
  const auto resealed = reseal_everything(
      file, random, proven,
      [](std::string_view sealed, std::string_view place) -> std::optional<std::string> {
        if (place == "secret:7") return std::nullopt;
        return std::string{place} + "/" + std::string{sealed};
      });
  ASSERT_TRUE(resealed);
  EXPECT_EQ(resealed->values, 1 + 2'499 + 2'499);
  EXPECT_EQ(resealed->unreadable, 1);
  EXPECT_EQ(read_key_proof(file), "key_proof/proof");

  WriteSession session{file, random};
  const auto secret = [&](std::int64_t key) {
    return session.transaction().secrets().find(SecretKey{key}).value();
  };
  EXPECT_EQ(secret(1).sealed_value, "secret:1/old");
  EXPECT_EQ(secret(1).sealed_config, "");
  EXPECT_EQ(secret(2'500).sealed_config, "secret_config:2500/old");
  EXPECT_EQ(secret(7).sealed_value, "old");
}

TEST_F(ResealTest, WithoutAProofNothingIsChanged) {
  {
    WriteSession session{file, random};
    session.begin();
    session.transaction().keep_key_proof("proof");
    session.commit();
  }
  const auto refused = reseal_everything(
      file, random, [](Transaction&) -> Result<void> { return fail(ErrorCode::conflict, "no"); },
      [](std::string_view, std::string_view) { return std::optional<std::string>{"new"}; });
  EXPECT_FALSE(refused);
  EXPECT_EQ(read_key_proof(file), "proof");
}

TEST_F(ResealTest, NothingOfTheOldValuesStaysInTheFile) {
  const std::string old = "under-the-old-key-" + std::string(60, 'o');
  {
    WriteSession session{file, random};
    session.begin();
    session.transaction().keep_key_proof("proof");
    Secret secret{.sealed_value = old};
    ASSERT_TRUE(session.transaction().secrets().add(secret));
    session.commit();
  }
  ASSERT_TRUE(reseal_everything(file, random, proven, [](std::string_view, std::string_view) {
    return std::optional<std::string>{"new"};
  }));
  for (const char* suffix : {"", "-wal"}) {
    std::string bytes;
    if (std::FILE* stream = std::fopen((file.string() + suffix).c_str(), "rb")) {
      for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) {
        bytes += static_cast<char>(c);
      }
      std::fclose(stream);
    }
    EXPECT_EQ(bytes.find("under-the-old-key"), std::string::npos) << suffix;
  }
}

}  // namespace
}  // namespace bellpull
