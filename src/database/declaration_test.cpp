#include "database/declaration.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "database/database_fixture_test.h"

namespace bellpull {
namespace {

namespace fs = std::filesystem;

class DeclarationTest : public DatabaseFixture {
 protected:
  std::vector<std::string> problems(DatabaseDeclaration declaration) const {
    declaration.name = "crm";
    return problems_of({declaration}, folder / "data");
  }
};

TEST_F(DeclarationTest, NamesAreShortAndPlain) {
  for (const char* good : {"a", "crm", "crm_2", "orders_eu"})
    EXPECT_TRUE(is_database_name(good)) << good;
  for (const char* bad : {"", "2crm", "_a", "Crm", "a-b", "a.b", "a b", "å"}) {
    EXPECT_FALSE(is_database_name(bad)) << bad;
  }
  EXPECT_FALSE(is_database_name(std::string(41, 'a')));
}

TEST_F(DeclarationTest, BothFormsOfPostgresqlAreTaken) {
  EXPECT_TRUE(problems({.postgresql = "postgresql://reader@db.example.com/crm"}).empty());
  EXPECT_TRUE(problems({.postgresql = "host=db.example.com dbname=crm user=reader"}).empty());
}

TEST_F(DeclarationTest, AllProblemsAreToldAtOnceAndNoPasswordIs) {
  const auto found = problems({.postgresql = "postgresql://reader:s3cret@h/crm?nonsense=1",
                               .password = "s3cret",
                               .password_file = (folder / "missing").string(),
                               .search_path = "a; drop"});
  EXPECT_EQ(found.size(), 4U);
  for (const std::string& one : found) {
    EXPECT_TRUE(one.starts_with("database.crm.")) << one;
    EXPECT_EQ(one.find("s3cret"), std::string::npos) << one;
  }
}

TEST_F(DeclarationTest, APasswordIsGivenOnce) {
  EXPECT_EQ(problems({.postgresql = "postgresql://reader:a@h/crm", .password = "b"}).size(), 1U);
  EXPECT_TRUE(problems({.postgresql = "postgresql://reader@h/crm", .password = "b"}).empty());
}

TEST_F(DeclarationTest, OneOfTheTwoKindsIsNeeded) {
  EXPECT_EQ(problems({}).size(), 1U);
  EXPECT_EQ(problems({.postgresql = "host=h", .sqlite = "/a"}).size(), 1U);
}

TEST_F(DeclarationTest, ASqliteFileIsThereAndOutsideOfTheDataDirectory) {
  std::ofstream{folder / "data" / "bellpull.db"} << "x";
  std::ofstream{folder / "own.db"} << "x";
  fs::create_symlink(folder / "data" / "bellpull.db", folder / "link.db");
  fs::create_directory_symlink(folder / "data", folder / "around");
  fs::create_hard_link(folder / "data" / "bellpull.db", folder / "hard.db");
  EXPECT_TRUE(problems({.sqlite = (folder / "own.db").string()}).empty());
  for (const char* bad : {"missing.db", "data/bellpull.db", "data/../data/bellpull.db", "link.db",
                          "around/bellpull.db", "hard.db", "data"}) {
    EXPECT_EQ(problems({.sqlite = (folder / bad).string()}).size(), 1U) << bad;
  }
  EXPECT_EQ(problems_of({{.name = "a", .sqlite = (folder / "data" / "bellpull.db").string()}},
                        folder / "around")
                .size(),
            1U)
      << "the data directory may be a link itself";
}

TEST_F(DeclarationTest, DeclarationsWithProblemsMakeNoDatabases) {
  EXPECT_THROW(declare({{.name = "crm"}}), std::invalid_argument);
}

}  // namespace
}  // namespace bellpull
