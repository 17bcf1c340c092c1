#include "sqlite/event_looks.h"

#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "sqlite/database.h"
#include "sqlite/migrations.h"

namespace bellpull {
namespace {

TEST(EventLooksTest, DeadLettersAreReadFromTheirIndexAlone) {
  Database database{":memory:", OpenMode::create};
  migrate(database, main_migrations());
  for (const std::string_view sql : {dead_sql, dead_descending_sql}) {
    Statement plan{database, "explain query plan " + std::string{sql}};
    ASSERT_TRUE(plan.step());
    EXPECT_NE(plan.text(3).find("USING COVERING INDEX runs_dead (account=? AND id"),
              std::string::npos)
        << plan.text(3);
    EXPECT_FALSE(plan.step()) << "nothing is sorted";
  }
}

TEST(EventLooksTest, RunsWithUnknownOutcomesAreReadFromTheirIndexAlone) {
  Database database{":memory:", OpenMode::create};
  migrate(database, main_migrations());
  for (const std::string_view sql : {unknown_sql, unknown_descending_sql}) {
    Statement plan{database, "explain query plan " + std::string{sql}};
    ASSERT_TRUE(plan.step());
    EXPECT_NE(plan.text(3).find("USING COVERING INDEX runs_unknown (account=? AND id"),
              std::string::npos)
        << plan.text(3);
    EXPECT_FALSE(plan.step()) << "nothing is sorted";
  }
}

}  // namespace
}  // namespace bellpull
