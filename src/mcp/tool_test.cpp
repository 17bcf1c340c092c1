#include "mcp/tool.h"

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/result.h"
#include "mcp/header_value.h"

namespace bellpull {
namespace {

namespace json = boost::json;

Result<McpTool> tool(std::string_view properties, std::string_view name = "get") {
  return read_tool(json::parse(fmt::format(
      R"({{"name":"{}","description":"d","inputSchema":{{"type":"object","properties":{}}}}})",
      name, properties)));
}

TEST(McpToolTest, FunctionNamesAreWhatModelsTakeStableAndApart) {
  EXPECT_EQ(function_name("files", "read_file"), "files__read_file");
  const std::string dotted = function_name("files", "read.file");
  EXPECT_EQ(dotted, function_name("files", "read.file"));
  EXPECT_TRUE(dotted.starts_with("files__read_file_")) << dotted;
  EXPECT_NE(dotted, function_name("files", "read/file"));
  const std::string one(100, 'x');
  EXPECT_EQ(function_name("files", one).size(), 64U);
  EXPECT_NE(function_name("files", one), function_name("files", one + "y"));
  EXPECT_NE(function_name("a", "b"), function_name("a-b", "b"));
}

TEST(McpToolTest, TheFingerprintTellsOfEveryChangeButTheOrderOfMembers) {
  const auto print = [](std::string_view properties) { return tool(properties)->fingerprint; };
  EXPECT_EQ(print(R"({"a":{"type":"string"},"b":{}})"), print(R"({"b":{},"a":{"type":"string"}})"));
  EXPECT_NE(print(R"({"a":{"type":"string"}})"), print(R"({"a":{"type":"integer"}})"));
  EXPECT_NE(print("{}"), tool("{}", "other")->fingerprint);
}

TEST(McpToolTest, WhatIsTooDeepTooLargeOrNamelessIsNotOffered) {
  std::string deep = "{}";
  for (int i = 0; i < 20; ++i) deep = R"({"p":)" + deep + "}";
  EXPECT_FALSE(tool(deep));
  EXPECT_FALSE(tool(fmt::format(R"({{"a":{{"description":"{}"}}}})", std::string(70'000, 'x'))));
  EXPECT_FALSE(tool("{}", ""));
  EXPECT_FALSE(tool("{}", "a b"));
  EXPECT_FALSE(read_tool(json::parse(R"({"name":"a"})")));
  EXPECT_FALSE(read_tool(json::parse(R"({"name":"a","inputSchema":{"type":"array"}})")));
  EXPECT_TRUE(tool(R"({"a":{"$ref":"http://169.254.169.254/schema"}})")) << "kept, never fetched";
}

TEST(McpToolTest, MirroredParametersFollowTheRulesOrTheToolIsNotOffered) {
  EXPECT_EQ(
      tool(R"({"a":{"type":"object","properties":{"b":{"type":"integer","x-mcp-header":"B"}}}})")
          ->mirrored.at(0)
          .path,
      (std::vector<std::string>{"a", "b"}));
  for (const std::string_view wrong :
       {R"({"a":{"type":"string","x-mcp-header":""}})",
        R"({"a":{"type":"string","x-mcp-header":7}})",
        R"({"a":{"type":"string","x-mcp-header":"A B"}})",
        R"({"a":{"type":"string","x-mcp-header":"A:B"}})",
        R"({"a":{"type":"number","x-mcp-header":"A"}})",
        R"({"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}})"}) {
    EXPECT_FALSE(tool(wrong)) << wrong;
  }
}

TEST(McpHeaderTest, OddValuesAreEncodedAndWhatIsAbsentIsNoHeader) {
  EXPECT_EQ(mcp_header_value("us west 1"), "us west 1");
  EXPECT_EQ(mcp_header_value(""), "");
  EXPECT_EQ(mcp_header_value(" x"), "=?base64?IHg=?=");
  EXPECT_EQ(mcp_header_value("a\r\nb"), "=?base64?YQ0KYg==?=");
  EXPECT_EQ(mcp_header_value("Zürich"), "=?base64?WsO8cmljaA==?=");
  EXPECT_EQ(mcp_header_value("=?base64?eA==?="), "=?base64?PT9iYXNlNjQ/ZUE9PT89?=");

  const std::vector<MirroredParameter> mirrored = {{{"a"}, "A"}, {{"b", "c"}, "C"}, {{"d"}, "D"}};
  const auto headers =
      parameter_headers(mirrored, json::parse(R"({"a":null,"b":{"c":42},"d":false})").as_object());
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].name + "=" + headers[0].value, "Mcp-Param-C=42");
  EXPECT_EQ(headers[1].name + "=" + headers[1].value, "Mcp-Param-D=false");
}

}  // namespace
}  // namespace bellpull
