#include "api/json_text.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace bellpull {
namespace {

std::string problem(std::string_view text) {
  const auto body = parse_body(text);
  return body ? "" : body.error().message;
}

TEST(ParseBodyTest, AnEmptyBodyIsAnEmptyObject) {
  EXPECT_EQ(parse_body("").value(), boost::json::object{});
  EXPECT_EQ(parse_body(" \r\n\t").value(), boost::json::object{});
}

TEST(ParseBodyTest, SaysWhereItStopsBeingJson) {
  EXPECT_EQ(problem(R"({"name":)"), "the body is not valid JSON: unexpected end at byte 8");
  EXPECT_EQ(problem(R"({"name":x})"), "the body is not valid JSON: unexpected character at byte 8");
  EXPECT_EQ(problem("{} {}"), "the body is not valid JSON: extra data at byte 3");
  EXPECT_TRUE(problem(R"({"a":1e400})")
                  .starts_with("the body is not valid JSON: a number out of range at byte "));
  EXPECT_NE(problem("{\"a\":\"\xC3\x28\"}"), "") << "not UTF-8";
}

TEST(ParseBodyTest, TakesNothingButAnObject) {
  for (const char* text : {"[]", "1", "null", "\"text\"", "true"}) {
    EXPECT_EQ(problem(text), "the body must be a JSON object") << text;
  }
}

TEST(ParseBodyTest, RefusesDeepNesting) {
  const std::string deep = R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}";
  EXPECT_NE(problem(deep).find("nested deeper than 32"), std::string::npos) << problem(deep);
}

TEST(ParseBodyTest, RefusesVeryManyValues) {
  const auto body_of = [](std::size_t lists) {
    std::string text = R"({"a":[[0])";
    for (std::size_t i = 1; i < lists; ++i) text += ",[0]";
    return text + "]}";
  };
  EXPECT_EQ(problem(body_of(124'999)), "") << "two of each, and two around them";
  const auto refused = parse_body(body_of(125'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the body has more than 250000 JSON values");
  EXPECT_EQ(refused.error().hint, "send it in several requests");
}

TEST(ToAsciiTest, KeepsTheMeaning) {
  const std::string text = R"({"name":"Café 🛎 \n"})";
  const std::string ascii = to_ascii(text);
  EXPECT_EQ(ascii, R"({"name":"Caf\u00e9 \ud83d\udece \n"})");
  EXPECT_EQ(boost::json::parse(ascii), boost::json::parse(text));
}

TEST(ToAsciiTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(to_ascii("a\xFFz"), R"(a\ufffdz)");
  EXPECT_EQ(to_ascii("a\xC3"), R"(a\ufffd)");
  EXPECT_EQ(to_ascii("\xED\xA0\x80"), R"(\ufffd\ufffd\ufffd)") << "a surrogate";
  EXPECT_EQ(to_ascii("\xC0\xAF"), R"(\ufffd\ufffd)") << "overlong";
}

}  // namespace
}  // namespace bellpull
