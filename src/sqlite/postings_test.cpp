#include "sqlite/postings.h"

#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "sqlite/migrations.h"
#include "sqlite/posting_block.h"
#include "store/list.h"

namespace bellpull {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr auto full = static_cast<std::int64_t>(max_block_ids);

class IndexFile : public Database {
 public:
  IndexFile() : Database(":memory:", OpenMode::create) { migrate(*this, index_migrations()); }
};

class PostingsTest : public testing::Test {
 protected:
  void add(std::int64_t term, std::int64_t from, std::int64_t through) {
    for (std::int64_t id = from; id <= through; ++id) writer.add(term, id);
    writer.write();
  }

  std::vector<std::int64_t> rows_of(std::int64_t term, Order order, std::int64_t last = most) {
    const auto stream = rows_of_term(database, term, last, order);
    const bool is_descending = order == Order::descending;
    std::vector<std::int64_t> ids;
    std::int64_t from = is_descending ? most : 1;
    while (const auto id = stream->seek(from)) {
      ids.push_back(*id);
      from = is_descending ? *id - 1 : *id + 1;
    }
    return ids;
  }

  std::int64_t blocks() {
    Statement count{database, "select count(*) from postings"};
    count.step();
    return count.number(0);
  }

  IndexFile database;
  PostingWriter writer{database};
};

TEST_F(PostingsTest, HoldsWhatWasAddedAndNotRemovedForAnyChanges) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random{seed};
    database.execute("delete from postings");
    std::map<std::int64_t, std::set<std::int64_t>> expected;
    const auto number = [&](std::int64_t range) {
      return static_cast<std::int64_t>(random() % static_cast<unsigned>(range));
    };
    std::int64_t newest = 0;
    for (int batch = 0; batch < 30; ++batch) {
      for (std::int64_t change = number(400); change >= 0; --change) {
        const std::int64_t term = number(3) - 1;
        const bool is_new = number(3) != 0;
        const std::int64_t id = is_new ? newest += 1 + number(300) : 1 + number(newest + 1);
        if (is_new || number(2) == 0) {
          writer.add(term, id);
          expected[term].insert(id);
        } else {
          writer.remove(term, id);
          expected[term].erase(id);
        }
      }
      writer.write();
    }
    for (auto& [term, ids] : expected) {
      const std::vector<std::int64_t> ascending{ids.begin(), ids.end()};
      EXPECT_EQ(rows_of(term, Order::ascending), ascending) << "seed " << seed;
      const std::vector<std::int64_t> descending{ids.rbegin(), ids.rend()};
      EXPECT_EQ(rows_of(term, Order::descending), descending) << "seed " << seed;
    }
  }
}

TEST_F(PostingsTest, FindsTheNextFromAnywhere) {
  std::mt19937 random{7};
  std::set<std::int64_t> ids;
  for (int i = 0; i < 1'000; ++i) ids.insert(1 + static_cast<std::int64_t>(random() % 20'000));
  for (const std::int64_t id : ids) writer.add(5, id);
  writer.write();
  for (int walk = 0; walk < 50; ++walk) {
    const auto up = rows_of_term(database, 5, most, Order::ascending);
    for (std::int64_t from = 0; from < 21'000; from += static_cast<std::int64_t>(random() % 900)) {
      const auto next = ids.lower_bound(from);
      EXPECT_EQ(up->seek(from), next == ids.end() ? std::nullopt : std::optional{*next});
    }
    const auto down = rows_of_term(database, 5, most, Order::descending);
    for (std::int64_t from = 21'000; from > 0; from -= static_cast<std::int64_t>(random() % 900)) {
      const auto behind = ids.upper_bound(from);
      EXPECT_EQ(down->seek(from),
                behind == ids.begin() ? std::nullopt : std::optional{*std::prev(behind)});
    }
  }
}

TEST_F(PostingsTest, GivesNothingBeyondTheLast) {
  add(1, 1, 300);
  EXPECT_EQ(rows_of(1, Order::ascending, 250).back(), 250);
  EXPECT_EQ(rows_of(1, Order::descending, 250).front(), 250);
  EXPECT_TRUE(rows_of(2, Order::ascending).empty());
}

TEST_F(PostingsTest, FillsBlocksWhateverTheBatches) {
  for (std::int64_t id = 1; id <= 1'280; ++id) add(1, id, id);
  EXPECT_EQ(blocks(), 10);
  add(2, 1, 1'280);
  EXPECT_EQ(blocks(), 20);
}

TEST_F(PostingsTest, AChangeIsHeldWhenItIsWrittenAgain) {
  add(1, 1, 200);
  add(1, 100, 260);
  EXPECT_EQ(std::ssize(rows_of(1, Order::ascending)), 260);
  writer.remove(1, 7);
  writer.add(1, 7);
  writer.add(1, 8);
  writer.remove(1, 8);
  writer.write();
  EXPECT_EQ(std::ssize(rows_of(1, Order::ascending)), 259);
}

TEST_F(PostingsTest, ForgetsBlocksThatEndBelowANumber) {
  for (std::int64_t term = -200; term < 0; ++term) add(term, 1, 4 * full);
  add(1, 1, 4 * full);
  std::optional<PostingWriter::Place> at =
      PostingWriter::Place{.term = std::numeric_limits<std::int64_t>::min(), .first = 0};
  while (at) at = writer.forget_below(3 * full, *at, 0);
  EXPECT_EQ(blocks(), 200 * 2 + 4);
  EXPECT_EQ(rows_of(-3, Order::ascending).front(), 2 * full + 1);
}

TEST(PostingBlock, UnpacksWhatWasPacked) {
  const std::vector<std::int64_t> ids{1, 2, 129, 130, 16'514, 1'000'000'000'000, most};
  EXPECT_EQ(unpack_ids(ids.front(), pack_ids(ids)), ids);
  EXPECT_EQ(unpack_ids(9, ""), std::vector<std::int64_t>{9});
}

TEST(PostingBlock, RefusesWhatIsDamaged) {
  EXPECT_THROW(unpack_ids(1, std::string{"\x80"}), std::runtime_error);
  EXPECT_THROW(unpack_ids(1, std::string(1, '\0')), std::runtime_error);
  EXPECT_THROW(unpack_ids(most, std::string{"\x01"}), std::runtime_error);
  EXPECT_THROW(unpack_ids(1, std::string(10, '\xff')), std::runtime_error);
}

}  // namespace
}  // namespace bellpull
