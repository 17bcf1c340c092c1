#include "dataset/record_search.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"
#include "dataset/meta_conditions.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RecordSearchTest : public StoreTest {
 protected:
  Dataset add_dataset(std::int64_t account = 1) {
    const auto added = transact([&](Transaction& rows) -> Result<Dataset> {
      Dataset dataset{.account = {account}, .name = "d"};
      if (auto kept = rows.datasets().add(dataset); !kept) return std::unexpected(kept.error());
      return dataset;
    });
    return *added;
  }

  Record add(const Dataset& dataset, std::string text, std::string meta = "{}") {
    const auto added = transact([&](Transaction& rows) -> Result<Record> {
      Record record{.account = dataset.account,
                    .dataset = dataset.id,
                    .text = std::move(text),
                    .meta = std::move(meta)};
      if (auto kept = rows.records().add(record); !kept) return std::unexpected(kept.error());
      return record;
    });
    return *added;
  }

  std::vector<FoundRecord> search(const Dataset& dataset, std::string text,
                                  std::string_view filter = "{}") {
    const RecordSearch searches{*store, clock};
    auto conditions = MetaConditions::parse(boost::json::parse(filter).as_object());
    auto found = wait(searches.search(dataset, std::move(text), *conditions));
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found.value_or(std::vector<FoundRecord>{});
  }
  std::vector<std::string> texts(const Dataset& dataset, std::string text,
                                 std::string_view filter = "{}") {
    std::vector<std::string> found;
    for (const FoundRecord& one : search(dataset, std::move(text), filter)) {
      found.push_back(one.record.text);
    }
    return found;
  }
};

TEST_F(RecordSearchTest, SomeOfTheWordsAreEnoughAndMoreAreBetter) {
  const Dataset dataset = add_dataset();
  add(dataset, "Shipping takes two days");
  add(dataset, "Refunds are paid within ten days");
  add(dataset, "The office is in Oslo");
  EXPECT_THAT(texts(dataset, "how many days until my refund is paid?"),
              ElementsAre("Refunds are paid within ten days", "The office is in Oslo",
                          "Shipping takes two days"));
  EXPECT_THAT(texts(dataset, "refunding"), ElementsAre("Refunds are paid within ten days"));
  EXPECT_THAT(texts(dataset, "nothing alike"), IsEmpty());
  EXPECT_THAT(texts(dataset, "?!"), IsEmpty());
}

TEST_F(RecordSearchTest, ScoresArePositiveAndFall) {
  const Dataset dataset = add_dataset();
  for (int i = 0; i < 5; ++i) add(dataset, "apple " + std::string(static_cast<size_t>(i), 'x'));
  add(dataset, "apple apple banana");
  const auto found = search(dataset, "apple banana");
  ASSERT_EQ(found.size(), 6U);
  EXPECT_EQ(found.front().record.text, "apple apple banana");
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_GT(found[i].score, 0) << "a word that all records have counts little, but it counts";
    if (i > 0) {
      EXPECT_LE(found[i].score, found[i - 1].score);
    }
  }
}

TEST_F(RecordSearchTest, AnUpdateAndARemovalChangeWhatIsFound) {
  const Dataset dataset = add_dataset();
  Record record = add(dataset, "old words");
  record.text = "new letters";
  ASSERT_TRUE(transact([&](Transaction& rows) { return rows.records().update(record); }));
  EXPECT_THAT(texts(dataset, "old words"), IsEmpty());
  EXPECT_THAT(texts(dataset, "letter"), ElementsAre("new letters"));
  ASSERT_TRUE(transact(
      [&](Transaction& rows) -> Result<bool> { return rows.records().remove(record.id.key); }));
  EXPECT_THAT(texts(dataset, "letter"), IsEmpty());
  const DatasetSize size =
      read([&](const Transaction& rows) { return rows.records().size_of(dataset.id.key); });
  EXPECT_EQ(size.records, 0);
  EXPECT_EQ(size.words, 0);
}

TEST_F(RecordSearchTest, WhatWasUndoneIsNotFound) {
  const Dataset dataset = add_dataset();
  add(dataset, "kept apple");
  EXPECT_FALSE(transact([&](Transaction& rows) -> Result<void> {
    Record record{.account = dataset.account, .dataset = dataset.id, .text = "lost apple"};
    if (auto kept = rows.records().add(record); !kept) return kept;
    return fail(ErrorCode::invalid, "undo");
  }));
  EXPECT_THAT(texts(dataset, "apple"), ElementsAre("kept apple"));
  reopen();
  EXPECT_THAT(texts(dataset, "apple"), ElementsAre("kept apple"));
}

// The words of a query are put together by us; nothing of it is FTS5's syntax.
TEST_F(RecordSearchTest, AHostileTextIsOnlyWords) {
  const Dataset dataset = add_dataset();
  const Dataset other = add_dataset(2);
  add(dataset, "plain text");
  add(other, "secret text");
  const std::string other_scope = std::to_string(other.id.key.value) + "x";
  for (const std::string& text : std::vector<std::string>{"\"",
                                                          "'",
                                                          "text\"",
                                                          "\" OR \"text",
                                                          "text* OR secret",
                                                          "NEAR(text plain, 2)",
                                                          "words:text",
                                                          "^text",
                                                          "-text",
                                                          "text AND",
                                                          "OR",
                                                          "NOT text",
                                                          "(",
                                                          ")",
                                                          "{words}: text",
                                                          "\"text\" + plain",
                                                          other_scope + "secret",
                                                          "\"" + other_scope + "secret\"",
                                                          "\" OR \"" + other_scope + "secret",
                                                          "text;drop table records",
                                                          std::string("text\0x", 6),
                                                          "record_words match secret",
                                                          "%",
                                                          "_",
                                                          "\\",
                                                          "\xff\xfe",
                                                          std::string(65'000, '(')}) {
    for (const std::string& found : texts(dataset, text)) EXPECT_EQ(found, "plain text") << text;
  }
  EXPECT_THAT(texts(dataset, other_scope + "secret"), IsEmpty());
  EXPECT_THAT(texts(dataset, "\" OR \"text"), ElementsAre("plain text"));
}

TEST_F(RecordSearchTest, OtherDatasetsChangeNeitherResultsNorScores) {
  const Dataset mine = add_dataset(1);
  add(mine, "apple pie");
  add(mine, "apple cake with sugar");
  const auto before = search(mine, "apple sugar");
  const Dataset other = add_dataset(2);
  for (int i = 0; i < 200; ++i) add(other, "apple sugar apple sugar");
  const auto after = search(mine, "apple sugar");
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].record.id, after[i].record.id);
    EXPECT_EQ(before[i].score, after[i].score);
  }
}

TEST_F(RecordSearchTest, TheDatasetsBoundsAreKept) {
  Dataset dataset = add_dataset();
  for (int i = 0; i < 30; ++i) add(dataset, "apple number " + std::to_string(i));
  EXPECT_EQ(search(dataset, "apple").size(), 10U) << "unless it says otherwise";
  dataset.search_max_records = 1'000'000;
  EXPECT_EQ(search(dataset, "apple").size(), 30U);
  dataset.search_max_records = 3;
  EXPECT_EQ(search(dataset, "apple").size(), 3U);

  dataset.search_max_tokens = 5;  // 20 bytes
  const auto found = search(dataset, "apple");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].record.text, "apple number 0");
  EXPECT_EQ(found[1].record.text, "appl") << "one token was left for the last";

  dataset.search_max_tokens.reset();
  dataset.search_min_score = 1000;
  EXPECT_TRUE(search(dataset, "apple").empty());
}

TEST_F(RecordSearchTest, ConditionsOnMetaChooseBeforeTheBestAreTaken) {
  const Dataset dataset = add_dataset();
  for (int i = 0; i < 30; ++i) {
    add(dataset, "apple " + std::to_string(i), R"({"n":)" + std::to_string(i) + "}");
  }
  EXPECT_THAT(texts(dataset, "apple", R"({"n":{"$gte":28}})"), ElementsAre("apple 28", "apple 29"));
}

TEST_F(RecordSearchTest, ASearchGoesOverMoreRecordsThanOneLook) {
  const Dataset dataset = add_dataset();
  ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
    for (int i = 0; i < 2'500; ++i) {
      Record record{.account = dataset.account, .dataset = dataset.id, .text = "apple pear"};
      if (auto kept = rows.records().add(record); !kept) return kept;
    }
    Record last{.account = dataset.account, .dataset = dataset.id, .text = "apple"};
    return rows.records().add(last);
  }));
  const auto found = search(dataset, "apple");
  ASSERT_EQ(found.size(), 10U);
  EXPECT_EQ(found.front().record.text, "apple") << "the last record is the shortest";
}

TEST_F(RecordSearchTest, ARemovedDatasetsRecordsGoInTheBackground) {
  const Dataset dataset = add_dataset();
  for (int i = 0; i < 60; ++i) add(dataset, "apple");
  ASSERT_TRUE(transact([&](Transaction& rows) -> Result<bool> {
    rows.start_job(dataset.account, JobKind::remove_records, dataset.id.key.value);
    return rows.datasets().remove(dataset.id.key);
  }));
  const auto left = [&] {
    return read([&](const Transaction& rows) {
      return rows.records().count(dataset.id.key, "appl", {}).records;
    });
  };
  while (left() > 0) {
    ASSERT_TRUE(transact([](Transaction&) -> Result<void> { return {}; }));
  }
  EXPECT_EQ(left(), 0);
}

}  // namespace
}  // namespace bellpull
