#include "sqlite/id_stream.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sqlite/database.h"
#include "store/list.h"

namespace bellpull {
namespace {

class IdStreamTest : public testing::Test {
 protected:
  IdStreamTest() {
    database.execute("create table rows (term integer, id integer, primary key (term, id))");
  }

  void add(std::int64_t term, const std::set<std::int64_t>& ids) {
    for (const std::int64_t id : ids) {
      Statement{database, "insert into rows values (?1, ?2)"}.with(term, id).run();
    }
  }
  std::unique_ptr<IdStream> rows_of(std::int64_t term, Order order) {
    return rows_of_index(database, "select id from rows where term = ?", {term}, order);
  }

  // All that gather() gives, page after page.
  template <class Streams>
  std::vector<std::int64_t> gather_all(Streams streams, Order order) {
    std::vector<std::int64_t> all;
    Page page{.order = order};
    for (;;) {
      const Candidates found = gather(streams(), page, std::numeric_limits<std::int64_t>::max());
      all.insert(all.end(), found.ids.begin(), found.ids.end());
      ++gathers;
      if (!found.passed) return all;
      page.after = *found.passed;
    }
  }

  Database database{":memory:", OpenMode::create};
  int gathers = 0;
};

TEST_F(IdStreamTest, GivesWhatEveryFilterHasInOrderForAnySets) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random{seed};
    database.execute("delete from rows");
    const std::int64_t range = seed % 3 == 0 ? 40 : 4'000;
    const std::int64_t filters = 1 + seed % 3;
    std::set<std::int64_t> expected;
    for (std::int64_t id = 1; id <= range; ++id) expected.insert(id);
    for (std::int64_t filter = 0; filter < filters; ++filter) {
      std::set<std::int64_t> united;
      for (std::int64_t value = 0; value < 2; ++value) {  // any of two values
        std::set<std::int64_t> ids;
        const std::uint64_t share = random() % 100;
        for (std::int64_t id = 1; id <= range; ++id) {
          if (random() % 100 < share) ids.insert(id);
        }
        add(2 * filter + value, ids);
        united.insert(ids.begin(), ids.end());
      }
      std::set<std::int64_t> both;
      std::ranges::set_intersection(expected, united, std::inserter(both, both.end()));
      expected = both;
    }
    for (const Order order : {Order::ascending, Order::descending}) {
      const auto streams = [&] {
        IdStreams all_of;
        for (std::int64_t filter = 0; filter < filters; ++filter) {
          IdStreams any;
          any.push_back(rows_of(2 * filter, order));
          any.push_back(rows_of(2 * filter + 1, order));
          all_of.push_back(any_of(std::move(any), order));
        }
        return all_of;
      };
      std::vector<std::int64_t> wanted{expected.begin(), expected.end()};
      if (order == Order::descending) std::ranges::reverse(wanted);
      EXPECT_EQ(gather_all(streams, order), wanted) << "seed " << seed;
    }
  }
}

TEST_F(IdStreamTest, SetsWithNothingInCommonAreNotPassedInOneGo) {
  std::set<std::int64_t> odd;
  std::set<std::int64_t> even;
  for (std::int64_t id = 1; id <= 10'000; ++id) (id % 2 == 0 ? even : odd).insert(id);
  add(1, odd);
  add(2, even);
  const auto streams = [&] {
    IdStreams all_of;
    all_of.push_back(rows_of(1, Order::descending));
    all_of.push_back(rows_of(2, Order::descending));
    return all_of;
  };
  EXPECT_TRUE(gather_all(streams, Order::descending).empty());
  EXPECT_GE(gathers, 2);
  EXPECT_LE(gathers, 6);
}

TEST_F(IdStreamTest, GivenRowsAreReadInEitherOrder) {
  for (const Order order : {Order::ascending, Order::descending}) {
    const auto streams = [&] {
      IdStreams all_of;
      all_of.push_back(these_rows({7, 3, 5}, order));
      return all_of;
    };
    std::vector<std::int64_t> wanted{3, 5, 7};
    if (order == Order::descending) std::ranges::reverse(wanted);
    EXPECT_EQ(gather_all(streams, order), wanted);
  }
}

}  // namespace
}  // namespace bellpull
