#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

class DatasetsTest : public ApiTest {
 protected:
  std::string add(const std::string& text, const json::object& meta = {}) {
    return post(base + "/record/create", {{"text", text}, {"meta", meta}}).id();
  }
  Reply search(const json::object& body) { return post(base + "/search", body); }

  std::string dataset = post("/dataset/create", {{"name", "faq"}}).id();
  const std::string base = "/dataset/" + dataset;
};

TEST_F(DatasetsTest, IsFetchedWithEveryField) {
  EXPECT_EQ(
      get(base + "/fetch").body,
      R"({"id":")" + dataset +
          R"(","alias":null,"name":"faq","description":"","blueprintId":null,"store":"default",)"
          R"("reranker":null,"recordMaxTokens":null,"searchMinScore":null,"searchMaxRecords":null,)"
          R"("searchMaxTokens":null,"matchInstruction":null,"mismatchInstruction":null,)"
          R"("separators":null,"visibility":"private","meta":{},)"
          R"("createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(DatasetsTest, EveryFieldIsKept) {
  const json::object given{{"alias", "faq"},          {"store", "mine"},
                           {"reranker", "some"},      {"recordMaxTokens", 500},
                           {"searchMinScore", 0.5},   {"searchMaxRecords", 3},
                           {"searchMaxTokens", 1000}, {"matchInstruction", "Use this:"},
                           {"separators", "\n\n"},    {"mismatchInstruction", "Say so."},
                           {"visibility", "public"},  {"meta", json::object{{"a", 1}}}};
  const std::string id = post("/dataset/create", given).id();
  const json::object kept = get("/dataset/@faq/fetch").object();
  for (const auto& [name, value] : given) EXPECT_EQ(kept.at(name), value) << name;
  post("/dataset/" + id + "/update", {{"separators", nullptr}, {"store", "other"}});
  EXPECT_EQ(get("/dataset/" + id + "/fetch").at("separators"), nullptr);
  EXPECT_EQ(get("/dataset/" + id + "/fetch").at("store"), "mine") << "it stays where it is";
}

TEST_F(DatasetsTest, SeveralProblemsAreToldAtOnce) {
  const Reply refused = post("/dataset/create", {{"searchMaxRecords", 0}, {"searchMinScore", -1}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(),
            "searchMinScore must be a number of at least 0; "
            "searchMaxRecords must be an integer from 1 to 2147483647");
}

TEST_F(DatasetsTest, ARecordIsFoundAsSoonAsItIsCreated) {
  const std::string id = add("Refunds are paid within ten days", {{"kind", "policy"}});
  const Reply found = search({{"search", "When is my refund paid?"}});
  EXPECT_EQ(found.text("id"), dataset);
  const json::array records = found.at("records").as_array();
  ASSERT_EQ(records.size(), 1U);
  json::object record = records[0].as_object();
  EXPECT_GT(record.at("score").as_double(), 0);
  record.erase("score");
  EXPECT_EQ(json::serialize(record),
            R"({"id":")" + id +
                R"(","text":"Refunds are paid within ten days","source":null,)"
                R"("meta":{"kind":"policy"}})");
}

TEST_F(DatasetsTest, ASearchIsNarrowedByMeta) {
  add("apple one", {{"n", 1}});
  const std::string two = add("apple two", {{"n", 2}});
  const auto records =
      search({{"search", "apple"}, {"filter", {{"n", {{"$gt", 1}}}}}}).at("records").as_array();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].at("id").as_string(), two);
}

TEST_F(DatasetsTest, AWrongSearchIsRefused) {
  EXPECT_EQ(search({}).message(), "search is required");
  EXPECT_EQ(search({{"search", " \n"}}).message(), "search is required");
  EXPECT_EQ(search({{"search", 7}, {"filter", json::array{}}}).message(),
            "search must be a string; filter must be an object");
  EXPECT_EQ(search({{"search", "a"}, {"filter", {{"n", {{"$in", 1}}}}}}).status, 400);
  EXPECT_EQ(post("/dataset/nothing/search", {{"search", "a"}}).message(), "Dataset not found");
  EXPECT_TRUE(search({{"search", "nothing like it"}}).at("records").as_array().empty());
}

TEST_F(DatasetsTest, AccountsDoNotSeeEachOther) {
  const std::string record = add("apple");
  const std::string other = other_account();
  const std::string theirs = post_as(other, "/dataset/create").id();
  post_as(other, "/dataset/" + theirs + "/record/create", {{"text", "apple of another"}});
  EXPECT_EQ(search({{"search", "apple"}}).at("records").as_array().size(), 1U);
  EXPECT_EQ(post_as(other, base + "/search", {{"search", "apple"}}).status, 403);
  EXPECT_EQ(get_as(other, base + "/record/list").status, 403);
  EXPECT_EQ(get_as(other, base + "/record/" + record + "/fetch").status, 403);
  EXPECT_EQ(get_as(other, "/dataset/" + theirs + "/record/" + record + "/fetch").status, 404);
  EXPECT_EQ(post_as(other, base + "/record/" + record + "/delete").status, 403);
  EXPECT_EQ(post_as(other, base + "/record/create", {{"text", "a"}}).status, 403);
}

TEST_F(DatasetsTest, ARecordIsFetchedWithEveryField) {
  const std::string id =
      post(base + "/record/create", {{"text", " a "}, {"source", "https://a.example/x"}}).id();
  EXPECT_EQ(get(base + "/record/" + id + "/fetch").body,
            R"({"id":")" + id +
                R"(","text":" a ","source":"https://a.example/x","meta":{},)"
                R"("createdAt":"2026-01-01T00:00:00.000Z",)"
                R"("updatedAt":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(DatasetsTest, ARecordNeedsAText) {
  const std::string create = base + "/record/create";
  EXPECT_EQ(post(create).message(), "text is required");
  EXPECT_EQ(post(create, {{"text", "  "}}).message(), "text is required");
  EXPECT_EQ(post(create, {{"text", std::string(65'537, 'a')}}).message(),
            "text must be at most 65536 bytes");
  EXPECT_EQ(post(create, {{"text", "a"}, {"source", std::string(897, 'a')}}).message(),
            "source must be at most 896 bytes");
  const std::string id = add("a");
  EXPECT_EQ(post(base + "/record/" + id + "/update", {{"text", " "}}).message(),
            "text must not be blank");
  EXPECT_EQ(post(base + "/record/" + id + "/update", {{"text", nullptr}}).status, 400);
}

TEST_F(DatasetsTest, ARecordIsNotLongerThanItsDatasetSays) {
  post(base + "/update", {{"recordMaxTokens", 2}});
  EXPECT_EQ(post(base + "/record/create", {{"text", "12345678"}}).status, 200);
  const Reply refused = post(base + "/record/create", {{"text", "123456789"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(),
            "text is about 3 tokens, but a record of this dataset has at most 2");
}

TEST_F(DatasetsTest, AnUpdatedRecordIsFoundByItsNewText) {
  const std::string id = add("apple");
  EXPECT_EQ(post(base + "/record/" + id + "/update", {{"text", "pear"}}).id(), id);
  EXPECT_TRUE(search({{"search", "apple"}}).at("records").as_array().empty());
  EXPECT_EQ(search({{"search", "pears"}}).at("records").as_array().size(), 1U);
  EXPECT_EQ(post(base + "/record/" + id + "/delete").id(), id);
  EXPECT_TRUE(search({{"search", "pear"}}).at("records").as_array().empty());
  EXPECT_EQ(get(base + "/record/" + id + "/fetch").status, 404);
}

TEST_F(DatasetsTest, RecordsAreExportedInEveryForm) {
  add("one \"two\"", {{"n", 1}});
  add("three", {{"n", 2}});
  EXPECT_EQ(get(base + "/record/export").items().size(), 2U);
  EXPECT_EQ(get(base + "/record/list?meta.n=2").items().size(), 1U);
  const Reply csv = get(base + "/record/export", "accept: text/csv\r\n");
  EXPECT_EQ(csv.header("content-type"), "text/csv; charset=utf-8");
  EXPECT_NE(csv.body.find("\"one \"\"two\"\"\""), std::string::npos) << csv.body;
  const Reply lines = get(base + "/record/export?order=asc", "accept: application/jsonl\r\n");
  EXPECT_TRUE(lines.body.starts_with(R"({"type":"item","data":{"id":)")) << lines.body;
}

TEST_F(DatasetsTest, ItsRecordsGoWithIt) {
  const std::string record = add("apple");
  const std::string bot = post("/bot/create", {{"datasetId", dataset}}).id();
  EXPECT_EQ(get("/bot/" + bot + "/fetch").text("datasetId"), dataset);
  EXPECT_EQ(post(base + "/delete").id(), dataset);
  EXPECT_EQ(get(base + "/record/" + record + "/fetch").message(), "Dataset not found");
  EXPECT_EQ(search({{"search", "apple"}}).status, 404);
  EXPECT_EQ(get("/bot/" + bot + "/fetch").at("datasetId"), nullptr);
  EXPECT_EQ(post(base + "/delete").status, 404);
}

}  // namespace
}  // namespace bellpull
