#include "mcp/tool_result.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "mcp/input_request.h"
#include "mcp/line_reader.h"
#include "mcp/protocol.h"
#include "mcp/rpc_message.h"

namespace bellpull {
namespace {

namespace json = boost::json;

McpToolResult read(std::string_view text, std::size_t max_bytes = 1000) {
  return read_tool_result(json::parse(text).as_object(), max_bytes);
}

TEST(McpToolResultTest, ImagesAndResourcesAreNamedNotShown) {
  EXPECT_EQ(read(R"({"content":[{"type":"text","text":"a"},
                     {"type":"image","data":"AAAA","mimeType":"image/png"},
                     {"type":"resource_link","uri":"file:///x","mimeType":"text/x"},
                     {"type":"resource","resource":{"uri":"r:1","blob":"AAAA"}},
                     {"type":"resource","resource":{"uri":"r:2","text":"inside"}}, 7]})")
                .text,
            "a\n[image, image/png, not shown]\n[resource file:///x, text/x, not shown]\n"
            "[resource r:1, not shown]\n[resource r:2]\ninside\n");
}

TEST(McpToolResultTest, ALongTextIsCutBetweenCharactersWithAMark) {
  const McpToolResult cut =
      read(R"({"content":[{"type":"text","text":"ééé"}],"structuredContent":{}})", 5);
  EXPECT_TRUE(cut.truncated);
  EXPECT_EQ(cut.text, "éé\n[cut after 5 bytes]");
  EXPECT_TRUE(cut.structured.is_null());
}

TEST(McpToolResultTest, StructuredContentIsTakenWhenARunMayHoldIt) {
  const McpToolResult shallow =
      read(R"({"isError":true,"content":[],"structuredContent":{"a":1}})");
  EXPECT_TRUE(shallow.is_error);
  EXPECT_EQ(shallow.text, R"({"a":1})");
  EXPECT_EQ(shallow.structured, json::parse(R"({"a":1})"));
  std::string deep = "1";
  for (int i = 0; i < 30; ++i) deep = "[" + deep + "]";
  EXPECT_TRUE(read(R"({"structuredContent":)" + deep + "}").structured.is_null());
}

TEST(McpInputTest, QuestionsAreDeclinedAndWhatCannotBeIsNothing) {
  const auto asked = json::parse(R"({"resultType":"input_required","requestState":"s",
      "inputRequests":{"q":{"method":"elicitation/create","params":{}}}})")
                         .as_object();
  EXPECT_TRUE(asks_for_input(asked));
  EXPECT_EQ(*declined_input(asked),
            json::parse(R"({"requestState":"s","inputResponses":{"q":{"action":"decline"}}})"));
  const auto sampling = json::parse(R"({"resultType":"input_required",
      "inputRequests":{"q":{"method":"sampling/createMessage"}}})")
                            .as_object();
  EXPECT_FALSE(declined_input(sampling));
  EXPECT_FALSE(declined_input({{"resultType", "input_required"}})) << "it would be asked for ever";
}

TEST(McpProtocolTest, AnUnsupportedVersionLeavesAnEraOrNone) {
  RpcError error{.code = rpc_code::unsupported_version};
  EXPECT_FALSE(era_offered_by(error));
  error.data = json::parse(R"({"supported":["2025-11-25","2026-07-28"]})");
  EXPECT_EQ(era_offered_by(error), McpEra::modern);
  error.data = json::parse(R"({"supported":["2030-01-01","2025-03-26"]})");
  EXPECT_EQ(era_offered_by(error), McpEra::legacy);
  error.data = json::parse(R"({"supported":["2030-01-01"]})");
  EXPECT_FALSE(era_offered_by(error));
}

TEST(McpProtocolTest, WhatIsNoMessageIsNothing) {
  for (const std::string_view text :
       {"", "hello", "[]", "{}", R"({"jsonrpc":"1.0","id":1,"result":{}})",
        R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"result":[]})",
        R"({"jsonrpc":"2.0","id":1,"error":{"code":"x"}})",
        R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5}})",
        R"({"jsonrpc":"2.0","id":1,"error":{"code":1e30}})",
        R"({"jsonrpc":"2.0","id":1,"error":{"code":18446744073709551615}})",
        R"([{"jsonrpc":"2.0","method":"a"}])"}) {
    EXPECT_FALSE(read_rpc_message(text)) << text;
  }
  EXPECT_FALSE(read_rpc_message(R"({"jsonrpc":"2.0","id":1,"result":{"a":)" +
                                std::string(100, '[') + std::string(100, ']') + "}}"));
}

TEST(LineReaderTest, LinesComeWholeAndLongOnesAreSkipped) {
  std::string got;
  LineReader reader(4, [&](std::string_view line) { got += std::string(line) + "|"; });
  EXPECT_TRUE(reader.feed("a"));
  EXPECT_TRUE(reader.feed("b\r\n\ncd"));
  EXPECT_FALSE(reader.feed("efg"));
  EXPECT_TRUE(reader.feed("hij\nk\n"));
  EXPECT_EQ(got, "ab||k|");
}

}  // namespace
}  // namespace bellpull
