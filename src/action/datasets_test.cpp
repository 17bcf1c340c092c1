#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/inner_fixture_test.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "store/done_calls.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class DatasetActionsTest : public InnerTest {
 protected:
  Dataset add_dataset(AccountKey account, Visibility visibility = Visibility::private_) {
    return add(Dataset{.account = account, .alias = "faq", .name = "FAQ", .visibility = visibility},
               &Transaction::datasets);
  }
  void add_record(const Dataset& dataset, std::string record_text) {
    stage
        .change([&](Transaction& rows) {
          Record record{
              .account = dataset.account, .dataset = dataset.id, .text = std::move(record_text)};
          return rows.records().add(record);
        })
        .value();
  }
  std::vector<std::string> texts_of(const Dataset& dataset) {
    return stage.look([&](const Transaction& rows) {
      std::vector<std::string> texts;
      for (const Record& record :
           rows.records().list({.account = dataset.account,
                                .page = {.order = Order::ascending},
                                .filters = {{"dataset", {dataset.id.key.value}}}})) {
        texts.push_back(record.text);
      }
      return texts;
    });
  }
  void link_bot_to(const Dataset& dataset, AccountKey owner) {
    stage.bot.account = owner;
    stage.bot.dataset = dataset.id;
    stage.change([&](Transaction& rows) { return rows.bots().update(stage.bot); }).value();
  }
};

using Texts = std::vector<std::string>;

TEST_F(DatasetActionsTest, ASearchGivesWhatTheApiGives) {
  const Dataset dataset = add_dataset(context.account);
  add_record(dataset, "Opening hours: nine to five");
  add_record(dataset, "Returns within thirty days");
  add_record(dataset, "The shop opens late on Sundays");
  const auto found = result(
      "@dataset/search",
      json::serialize(json::object{{"datasetId", dataset.id.text()}, {"query", "when open?"}}));
  EXPECT_EQ(text(found, "id"), dataset.id.text());
  const json::array& records = found.at("records").as_array();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(text(records[0].as_object(), "text"), "Opening hours: nine to five");
  EXPECT_TRUE(records[0].as_object().at("source").is_null());
  EXPECT_TRUE(records[0].as_object().at("meta").as_object().empty());
  EXPECT_GT(records[0].as_object().at("score").as_double(), 0);

  const auto first = result("```dataset/search/id=faq/limit=1\nopening opens\n```");
  EXPECT_EQ(first.at("records").as_array().size(), 1U) << "by alias, and no more than the limit";
}

TEST_F(DatasetActionsTest, ASearchWithoutANameIsOfTheBotsDataset) {
  EXPECT_THAT(error("```dataset/search\nhours\n```"), HasSubstr("has a dataset: give datasetId"));
  const Dataset dataset = add_dataset(context.account);
  add_record(dataset, "Opening hours");
  link_bot_to(dataset, context.account);
  EXPECT_EQ(text(result("```dataset/search\nhours\n```"), "id"), dataset.id.text());
}

TEST_F(DatasetActionsTest, ASearchWithoutANameIsAlsoOfTheBlueprintsDatasets) {
  const auto blueprint =
      add(Blueprint{.account = context.account, .name = "Shop"}, &Transaction::blueprints);
  const auto named = [&](std::string name, std::optional<BlueprintId> of) {
    return add(Dataset{.account = context.account, .name = std::move(name), .blueprint = of},
               &Transaction::datasets);
  };
  const Dataset of_bot = named("Bot's", std::nullopt);
  const Dataset prices = named("Prices", blueprint.id);
  const Dataset hours = named("Hours", blueprint.id);
  add_record(named("Another's", std::nullopt), "tea, of no blueprint");
  add_record(prices, "tea costs two");
  add_record(prices, "tea, with milk and sugar and a biscuit, costs three");
  add_record(hours, "tea is at four");
  const std::string search = "```dataset/search\ntea\n```";
  EXPECT_THAT(error(search), HasSubstr("give datasetId")) << "the trigger is of no blueprint";
  context.blueprint = blueprint.id;
  const auto texts = [&](const json::object& found) {
    std::string all;
    for (const auto& one : found.at("records").as_array()) {
      all += text(one.as_object(), "dataset") + ": " + text(one.as_object(), "text") + "|";
    }
    return all;
  };
  EXPECT_EQ(texts(result(search)),
            "Prices: tea costs two|Hours: tea is at four|"
            "Prices: tea, with milk and sugar and a biscuit, costs three|")
      << "the best of each first";
  add_record(of_bot, "tea comes first in a rather long text of the bot");
  link_bot_to(of_bot, context.account);
  const auto found = result(search);
  EXPECT_THAT(texts(found), testing::StartsWith("Bot's: tea comes first"));
  EXPECT_EQ(found.at("datasets").as_array().size(), 3U);
  EXPECT_EQ(found.at("records").at(1).at("datasetId").as_string(), prices.id.text());
  EXPECT_EQ(texts(result("```dataset/search/limit=2\ntea\n```")),
            "Bot's: tea comes first in a rather long text of the bot|Prices: tea costs two|");
  EXPECT_EQ(text(result("```dataset/search/id=" + hours.id.text() + "\ntea\n```"), "id"),
            hours.id.text())
      << "one that is named is searched alone";
}

TEST_F(DatasetActionsTest, AStrangersAbilityDoesNotReachTheBlueprintsDatasets) {
  const auto blueprint =
      add(Blueprint{.account = context.account, .name = "Shop"}, &Transaction::blueprints);
  const Dataset of_blueprint =
      add(Dataset{.account = context.account, .name = "Own", .blueprint = blueprint.id},
          &Transaction::datasets);
  add_record(of_blueprint, "tea costs two");
  context.blueprint = blueprint.id;
  const AccountKey other = other_account();
  links.owner = other;
  const std::string search = "```dataset/search\ntea\n```";
  EXPECT_THAT(error(search), HasSubstr("give datasetId"));
  const Dataset theirs = add_dataset(other);
  add_record(theirs, "tea of theirs");
  link_bot_to(theirs, other);
  const auto found = result(search);
  EXPECT_EQ(text(found, "id"), theirs.id.text());
  EXPECT_EQ(found.at("records").as_array().size(), 1U);
}

TEST_F(DatasetActionsTest, WhatTheDatasetsOfARunSayIsSaidTogether) {
  const auto blueprint =
      add(Blueprint{.account = context.account, .name = "Shop"}, &Transaction::blueprints);
  context.blueprint = blueprint.id;
  for (const std::string name : {"A", "B"}) {
    const Dataset dataset = add(Dataset{.account = context.account,
                                        .name = name,
                                        .blueprint = blueprint.id,
                                        .match_instruction = "match " + name,
                                        .mismatch_instruction = "mismatch " + name},
                                &Transaction::datasets);
    add_record(dataset, name == "A" ? "tea" : "coffee");
  }
  EXPECT_EQ(text(result("```dataset/search\ntea\n```"), "instruction"), "match A");
  EXPECT_EQ(text(result("```dataset/search\nwater\n```"), "instruction"), "mismatch A\nmismatch B");
}

TEST_F(DatasetActionsTest, WhatIsWrongIsToldAtOnce) {
  EXPECT_EQ(error("```dataset/search\nlimit: 1000\nfilter: x\n```"),
            "query is required; limit must be a whole number from 1 to 100; "
            "filter must be a map of what the record's meta must be");
  EXPECT_THAT(error("```dataset/search/id=nothing\nx\n```"),
              HasSubstr("There is no dataset \"nothing\" that this call may read"));
  EXPECT_THAT(error("```dataset/record/create/id=nothing\nmeta: {_x: 1}\n```"),
              HasSubstr("text is required; meta must not have the key \"_x\""));
  EXPECT_THAT(error("```dataset/record/update/id=record_1\n```"),
              HasSubstr("give what to change: text, source or meta"));
  EXPECT_THAT(error("```dataset/record/delete\nrecord_1\n```"),
              HasSubstr("There is no record \"record_1\""));
}

TEST_F(DatasetActionsTest, NothingOfAnotherAccountIsReachedButWhatIsPublic) {
  const AccountKey other = other_account();
  const Dataset theirs = add_dataset(other);
  const std::string search = "```dataset/search/id=" + theirs.id.text() + "\nhours\n```";
  const std::string create = "```dataset/record/create/id=" + theirs.id.text() + "\nhours\n```";
  EXPECT_THAT(error(search), HasSubstr("There is no dataset"));
  EXPECT_THAT(error(create), HasSubstr("There is no dataset"));
  EXPECT_THAT(error("```dataset/search/id=faq\nhours\n```"), HasSubstr("There is no dataset"))
      << "an alias of another account's";

  Dataset shared = theirs;
  shared.visibility = Visibility::public_;
  stage.change([&](Transaction& rows) { return rows.datasets().update(shared); }).value();
  EXPECT_EQ(text(result(search), "id"), theirs.id.text());
  EXPECT_THAT(error(create), HasSubstr("There is no dataset")) << "public is to read";
}

TEST_F(DatasetActionsTest, AStrangersAbilityReachesItsBotsDatasetAndNothingOfTheRunsAccount) {
  const AccountKey other = other_account();
  const Dataset own = add_dataset(context.account);
  const Dataset theirs = add_dataset(other);
  add_record(theirs, "Opening hours");
  link_bot_to(theirs, other);
  links.owner = other;
  EXPECT_EQ(text(result("```dataset/search\nhours\n```"), "id"), theirs.id.text());
  EXPECT_THAT(error("```dataset/search/id=" + own.id.text() + "\nhours\n```"),
              HasSubstr("There is no dataset"));
  for (const std::string action : {"dataset/record/create/id=", "dataset/record/create/id=@"}) {
    EXPECT_THAT(error("```" + action + own.id.text() + "\nx\n```"),
                HasSubstr("is not for an ability of another account"));
  }
  EXPECT_THAT(error("```dataset/list\n```"), HasSubstr("is not for an ability of another account"));
  EXPECT_THAT(error("```dataset/create\nx\n```"),
              HasSubstr("is not for an ability of another account"));
}

TEST_F(DatasetActionsTest, ARecordIsMadeOnceForOneCall) {
  const Dataset dataset = add_dataset(context.account);
  const std::string arguments =
      json::serialize(json::object{{"datasetId", "@faq"}, {"text", "Closed on Mondays"}});
  const auto first = result("@dataset/record/create", arguments, "key-1");
  const auto again = result("@dataset/record/create", arguments, "key-1");
  EXPECT_EQ(first, again);
  EXPECT_EQ(texts_of(dataset), Texts{"Closed on Mondays"});
  EXPECT_NE(text(result("@dataset/record/create", arguments, "key-2"), "id"), text(first, "id"));
  EXPECT_EQ(texts_of(dataset).size(), 2U) << "another call makes another";

  stage.clock.advance(done_call_lifetime);
  EXPECT_NE(result("@dataset/record/create", arguments, "key-1"), first) << "its time is over";
}

TEST_F(DatasetActionsTest, ARecordIsChangedAndDeleted) {
  const Dataset dataset = add_dataset(context.account);
  const std::string id = text(
      result("```dataset/record/create/id=faq\ntext: one\nsource: a\nmeta: {kind: x}\n```"), "id");
  result("```dataset/record/update\nrecordId: " + id + "\ntext: two\n```");
  EXPECT_EQ(texts_of(dataset), Texts{"two"});
  const auto found = result("```dataset/search/id=faq\nquery: two\nfilter: {kind: x}\n```");
  ASSERT_EQ(found.at("records").as_array().size(), 1U) << "what was not named stays";
  const std::string drop = "```dataset/record/delete\n" + id + "\n```";
  EXPECT_EQ(text(result(drop, "{}", "key"), "id"), id);
  EXPECT_EQ(text(result(drop, "{}", "key"), "id"), id) << "the same call again";
  EXPECT_TRUE(texts_of(dataset).empty());
  // One look may not see all of them.
  ListQuery query{.account = context.account};
  const auto log = stage.await(
      stage.store().read_page(query.page, [&](const Transaction& rows, const Page& left) {
        query.page = left;
        return rows.log().look(query);
      }));
  ASSERT_TRUE(log);
  std::string entries;
  for (const auto& item : *log) entries += item.type + " ";
  EXPECT_EQ(entries, "record.delete record.update record.create ");
}

TEST_F(DatasetActionsTest, ATextBeyondTheDatasetsBoundIsRefused) {
  Dataset dataset = add_dataset(context.account);
  dataset.record_max_tokens = 2;
  stage.change([&](Transaction& rows) { return rows.datasets().update(dataset); }).value();
  EXPECT_THAT(error("```dataset/record/create/id=faq\nfar too many words\n```"),
              HasSubstr("a record of this dataset has at most 2"));
}

TEST_F(DatasetActionsTest, DatasetsAreMadeOnceAndListed) {
  const std::string create = "```dataset/create\nname: Orders\ndescription: What came in\n```";
  const auto made = result(create, "{}", "key");
  EXPECT_EQ(result(create, "{}", "key"), made);
  add_dataset(other_account());
  const auto listed = result("```dataset/list\n```").at("items").as_array();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(json::serialize(listed[0]),
            R"({"id":")" + text(made, "id") + R"(","name":"Orders","description":"What came in"})");
}

}  // namespace
}  // namespace bellpull
