#include "dataset/file_text.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Result<std::vector<ImportedText>> read(std::string_view type, std::string_view content,
                                       std::size_t max_bytes = 1000) {
  return texts_of_file(type, content, max_bytes, {});
}

std::vector<std::string> texts(std::string_view type, std::string_view content,
                               std::size_t max_bytes = 1000) {
  const auto found = read(type, content, max_bytes);
  EXPECT_TRUE(found) << (found ? "" : found.error().message);
  std::vector<std::string> texts;
  for (const ImportedText& one : found.value_or(std::vector<ImportedText>{})) {
    texts.push_back(one.text);
  }
  return texts;
}

std::string problem(std::string_view type, std::string_view content) {
  const auto found = read(type, content);
  return found ? "" : found.error().message;
}

TEST(FileText, ATextIsTakenApart) {
  EXPECT_THAT(texts("text/plain", "\xEF\xBB\xBFone\n\ntwo", 4), ElementsAre("one", "two"));
  EXPECT_THAT(texts("Text/Markdown; charset=utf-8", "# A\n\ntext"), ElementsAre("# A\n\ntext"));
  EXPECT_THAT(texts("text/plain", ""), IsEmpty());
}

TEST(FileText, ARowOfCsvIsARecordUnderItsColumns) {
  EXPECT_THAT(texts("text/csv",
                    "name,price\r\n\"Pear, \"\"ripe\"\"\",2\r\n\r\nPlum,\r\n,\r\n"
                    "\"two\nlines\",3,more"),
              ElementsAre("name: Pear, \"ripe\"\nprice: 2", "name: Plum",
                          "name: two\nlines\nprice: 3\nmore"));
  EXPECT_EQ(problem("text/csv", "a,b\n\"open"), "a quoted value of the CSV has no end");
}

TEST(FileText, ALineOfJsonIsARecord) {
  const auto found =
      read("application/jsonl", "{\"text\":\"one\",\"meta\":{\"n\":1}}\n\n{\"a\":2}\r\n\"three\"");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ((*found)[0].text, "one");
  EXPECT_EQ((*found)[0].meta, R"({"n":1})");
  EXPECT_EQ((*found)[1].text, R"({"a":2})");
  EXPECT_EQ((*found)[2].text, "three");
  EXPECT_EQ(problem("application/x-ndjson", "{}\n{"), "line 2: it is not valid JSON");
  EXPECT_EQ(problem("application/jsonl", R"({"text":"a","meta":{"_a":1}})"),
            "line 1: its meta has a key that starts with \"_\"");
}

TEST(FileText, AnItemOfAJsonListIsARecord) {
  EXPECT_THAT(texts("application/json", R"([{"text":"one"},"two",{"b":3}])"),
              ElementsAre("one", "two", R"({"b":3})"));
  EXPECT_THAT(texts("application/json", R"({"a":1})"), ElementsAre(R"({"a":1})"));
  EXPECT_EQ(problem("application/json", R"([{"text":"a","meta":1}])"),
            "item 1: its meta is not an object");
  EXPECT_EQ(problem("application/json", "[1,"), "the content is not valid JSON");
}

TEST(FileText, WhatIsNoTextIsRefusedWithAWayOut) {
  const auto refused = check_importable("image/png");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "a file of the type image/png cannot be imported");
  EXPECT_NE(refused.error().hint.find("text/plain"), std::string::npos);
  EXPECT_FALSE(check_importable("text/html"));
  EXPECT_FALSE(check_importable("application/pdf"));
  EXPECT_EQ(problem("text/plain", "\xff\xfe"), "the content is not UTF-8 text");
}

TEST(FileText, ThereIsAMostOfRecords) {
  std::string lines;
  for (std::size_t i = 0; i <= max_imported_records; ++i) lines += "1\n";
  EXPECT_EQ(problem("application/jsonl", lines),
            "line 100001: the content would be more than 100000 records");
}

TEST(FileText, ASmallContentCannotBecomeVeryManyBytes) {
  std::string long_text;
  for (int i = 0; i < 15'000; ++i) long_text += "abcd";
  const std::string meta(64'000, 'x');
  const std::string item = R"({"text":")" + long_text + R"(","meta":{"a":")" + meta + R"("}})";
  const auto pieces = read("text/json", "[" + item + "]", 4);
  ASSERT_FALSE(pieces);
  EXPECT_EQ(pieces.error().code, ErrorCode::invalid);
  EXPECT_THAT(pieces.error().message,
              testing::StartsWith("item 1: the records of the content would be more than 64 MiB"));
  EXPECT_THAT(pieces.error().hint, testing::HasSubstr("recordMaxTokens"));

  std::string rows = std::string(1'000'000, 'c') + "\n";
  for (int i = 0; i < 100; ++i) rows += "x\n";
  EXPECT_THAT(problem("text/csv", rows),
              testing::StartsWith("the records of the content would be"));
  EXPECT_TRUE(read("text/json", "[" + item + "]", 1000));
}

TEST(FileText, AWideRowOfCsvIsRefused) {
  EXPECT_EQ(problem("text/csv", "a\n" + std::string(20'000, ',') + "x"),
            "a row of the CSV has more than 16384 values");
}

}  // namespace
}  // namespace bellpull
