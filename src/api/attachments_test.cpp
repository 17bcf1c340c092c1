#include <cstddef>
#include <string>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "dataset/importer.h"

namespace bellpull {
namespace {

class AttachmentsTest : public ApiTest {
 protected:
  AttachmentsTest() { importer.start(); }

  // Imports that were asked for are done.
  void finish_imports() {
    importer.attachments_changed();
    while (get(base + "/file/list").body.find("importing") != std::string::npos) {
    }
  }
  Reply attach(const json::object& body = {}) {
    return post(base + "/file/" + file + "/attach", body);
  }
  std::size_t records() { return get(base + "/record/list").items().size(); }

  Importer importer{store, clock, log};
  std::string dataset = post("/dataset/create", {{"name", "faq"}, {"recordMaxTokens", 2}}).id();
  std::string file = post("/file/create", {{"name", "notes"}, {"meta", {{"a", 1}}}}).id();
  const std::string base = "/dataset/" + dataset;
};

TEST_F(AttachmentsTest, AnAttachedFileIsListedAndSearched) {
  post("/file/" + file + "/upload", {{"file", "data:text/plain,pear one%0A%0Apear two"}});
  const Reply attached = attach({{"type", "source"}});
  EXPECT_EQ(attached.id(), file);
  EXPECT_EQ(attached.text("datasetId"), dataset);
  EXPECT_EQ(attached.text("type"), "source");
  finish_imports();
  const json::array items = get(base + "/file/list").items();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(json::serialize(items[0]),
            R"({"id":")" + file +
                R"(","name":"notes","description":"","visibility":"private","meta":{"a":1},)"
                R"("type":"source","state":"imported","problem":null,"records":2,)"
                R"("createdAt":"2026-01-01T00:00:00.000Z",)"
                R"("updatedAt":"2026-01-01T00:00:00.000Z"})");
  const json::array found = post(base + "/search", {{"search", "pears"}}).at("records").as_array();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at("source").as_string(), "file:///" + file);
}

TEST_F(AttachmentsTest, ASyncOfTheFileReachesItsDatasets) {
  post("/file/" + file + "/upload", {{"file", "data:text/plain,pear one%0A%0Apear two"}});
  attach();
  finish_imports();
  post("/file/" + file + "/upload", {{"file", "data:text/plain,plum"}});
  EXPECT_EQ(records(), 2U) << "an upload alone imports nothing";
  EXPECT_EQ(post("/file/" + file + "/sync").id(), file);
  finish_imports();
  EXPECT_EQ(records(), 1U);
  post("/file/" + file + "/upload", {{"file", "data:text/plain,fig one%0A%0Afig two"}});
  EXPECT_EQ(post(base + "/file/" + file + "/sync").id(), file);
  finish_imports();
  EXPECT_EQ(records(), 2U);
}

TEST_F(AttachmentsTest, ADetachedFileIsNotListed) {
  post("/file/" + file + "/upload", {{"file", "data:text/plain,pear"}});
  attach();
  finish_imports();
  const std::string detach = base + "/file/" + file + "/detach";
  EXPECT_EQ(post(detach).id(), file);
  EXPECT_TRUE(get(base + "/file/list").items().empty());
  EXPECT_EQ(records(), 1U);
  EXPECT_EQ(post(detach).message(), "File not attached");
  EXPECT_EQ(post(base + "/file/" + file + "/sync").status, 404);
  attach();
  finish_imports();
  post(detach, {{"deleteRecords", true}});
  EXPECT_EQ(records(), 0U);
}

TEST_F(AttachmentsTest, WhatCannotBeAttachedIsRefused) {
  EXPECT_EQ(attach({{"type", "other"}}).status, 400);
  EXPECT_EQ(post(base + "/file/nothing/attach").message(), "File not found");
  EXPECT_EQ(post("/dataset/nothing/file/" + file + "/attach").message(), "Dataset not found");
  post("/file/" + file + "/upload", {{"file", "data:image/png,x"}});
  const Reply refused = attach();
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(), "a file of the type image/png cannot be imported");
  const std::string other = other_account();
  EXPECT_EQ(post_as(other, base + "/file/" + file + "/attach").status, 403);
  const std::string theirs = post_as(other, "/dataset/create").id();
  EXPECT_EQ(post_as(other, "/dataset/" + theirs + "/file/" + file + "/attach").status, 403);
  EXPECT_EQ(get_as(other, base + "/file/list").status, 403);
}

TEST_F(AttachmentsTest, AFileWithoutContentSaysSo) {
  attach();
  finish_imports();
  const json::value item = get(base + "/file/list").items().at(0);
  EXPECT_EQ(item.at("state"), "failed");
  EXPECT_EQ(item.at("problem"), "the file has no content yet; upload it, then sync");
}

}  // namespace
}  // namespace bellpull
