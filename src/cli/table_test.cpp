#include "cli/table.h"

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "base/time.h"
#include "cli/column.h"

namespace bellpull::cli {
namespace {

const Columns columns{{"id", "id", ValueForm::id},
                      {"name", "name"},
                      {"state", "state", ValueForm::state},
                      {"created", "createdAt", ValueForm::time, Presence::optional}};

boost::json::object item(const std::string& id, const std::string& name) {
  return {
      {"id", id}, {"name", name}, {"state", "succeeded"}, {"createdAt", "2026-03-01T11:59:00Z"}};
}

TableStyle style(std::size_t width) { return {.width = width, .now = from_ms(1'772'366'400'000)}; }

TEST(Table, ColumnsAreAlignedUnderTheirTitles) {
  const std::vector items{item("bot_1", "訂單"), item("bot_22", "Orders")};
  EXPECT_EQ(make_table(columns, items, style(80)).text,
            "id      name    state        created\n"
            "bot_1   訂單    ✓ Succeeded  1 min ago\n"
            "bot_22  Orders  ✓ Succeeded  1 min ago\n");
}

TEST(Table, IdsAreShortenedOnlyAsFarAsTheyStayUnique) {
  const std::vector items{item("bot_00000000010abcdefghijklmno", "a"),
                          item("bot_00000000010abcdefghijkXYZZ", "b")};
  const std::string text = make_table(columns, items, style(120)).text;
  EXPECT_NE(text.find("bot_00000000010abcdefghijkl…"), std::string::npos) << text;
  EXPECT_NE(text.find("bot_00000000010abcdefghijkX…"), std::string::npos) << text;
}

TEST(Table, ANarrowTerminalLosesOptionalColumnsFirst) {
  const std::vector items{item("bot_1", "Orders")};
  const Table table = make_table(columns, items, style(30));
  EXPECT_EQ(table.dropped, 1U);
  EXPECT_EQ(table.text.find("created"), std::string::npos);
}

TEST(Table, ThenTheWidestTextIsCut) {
  const std::vector items{item("bot_1", "A name that is much longer than its terminal")};
  const Table table = make_table(columns, items, style(40));
  EXPECT_NE(table.text.find("A name that is much…"), std::string::npos) << table.text;
}

TEST(Table, ASheetLeavesAbsentValuesOut) {
  EXPECT_EQ(
      make_sheet({{"name", "name"}, {"email", "contact.email"}}, {{"name", "a\nb"}}, style(80)),
      "name   a b\n");
}

}  // namespace
}  // namespace bellpull::cli
