#include "sqlite/record_table.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "sqlite/database.h"
#include "sqlite/migrations.h"

namespace bellpull {
namespace {

TEST(RecordTableTest, HiddenRecordsAreReadFromRangesOfTheirIndex) {
  Database database{":memory:", OpenMode::create};
  migrate(database, main_migrations());
  Statement plan{database, "explain query plan " + std::string{hidden_records_sql}};
  int ranges = 0;
  while (plan.step()) {
    const std::string step = plan.text(3);
    const bool is_range =
        step.find("INDEX records_attachment (attachment=? AND import") != std::string::npos;
    if (is_range) ++ranges;
    EXPECT_EQ(step.find("SCAN r"), std::string::npos) << step;
    EXPECT_EQ(step.find("TEMP B-TREE"), std::string::npos) << step;
  }
  EXPECT_EQ(ranges, 3);
}

TEST(RecordTableTest, HiddenIsWhatNeitherTheShownNorTheWantedImportBrought) {
  Database database{":memory:", OpenMode::create};
  migrate(database, main_migrations());
  const auto hidden = [&](int state, int shown, int last) {
    database.execute(
        "delete from attachments; insert into attachments (id, tag, account, dataset, "
        "file, state, problem, last_import, shown_import, records, created_at, "
        "updated_at) values (1, x'', 1, 1, 1, " +
        std::to_string(state) + ", '', " + std::to_string(last) + ", " + std::to_string(shown) +
        ", 0, 0, 0)");
    Statement ids{database, hidden_records_sql};
    ids.with(std::int64_t{1}, std::int64_t{100});
    std::string found;
    while (ids.step()) found += std::to_string(ids.number(0)) + " ";
    return found;
  };
  for (int import = 1; import <= 5; ++import) {
    database.execute(
        "insert into records (id, tag, account, dataset, attachment, import, meta, "
        "created_at, updated_at, text) values (" +
        std::to_string(import) + ", x'', 1, 1, 1, " + std::to_string(import) + ", '{}', 0, 0, '')");
  }
  EXPECT_EQ(hidden(1, 3, 3), "1 2 4 5 ");
  EXPECT_EQ(hidden(0, 2, 4), "1 3 5 ") << "4 is under way";
  EXPECT_EQ(hidden(2, 2, 4), "1 3 4 5 ") << "4 has failed";
  EXPECT_EQ(hidden(3, 0, 4), "1 2 3 4 5 ") << "detached";
}

}  // namespace
}  // namespace bellpull
