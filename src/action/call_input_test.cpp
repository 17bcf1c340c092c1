#include "action/call_input.h"

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bellpull {
namespace {

namespace json = boost::json;

constexpr std::string_view one = R"({"type":"object","properties":{"city":{"type":"string"}}})";
constexpr std::string_view two = R"({"type":"object","properties":{
  "city":{"type":"string"},"days":{"type":"number","minimum":2},"unit":{"enum":["c","f"]}},
  "required":["city","days"]})";
constexpr std::string_view one_required = R"({"type":"object","properties":{
  "city":{"type":"string"},"days":{"type":"number"}},"required":["city"]})";
constexpr std::string_view none = R"({"type":"object","properties":{}})";

std::string read(std::string_view text, std::string_view parameters) {
  const auto arguments = read_call_input(text, json::parse(parameters).as_object());
  return arguments ? json::serialize(*arguments) : arguments.error().message;
}

TEST(CallInputTest, JsonAndYamlAreTheArguments) {
  EXPECT_EQ(read(R"({"city":"Oslo","days":3})", two), R"({"city":"Oslo","days":3})");
  EXPECT_EQ(read("city: Oslo\ndays: 3\n", two), R"({"city":"Oslo","days":3})");
  EXPECT_EQ(read("city: '7'\ndays: 3", two), R"({"city":"7","days":3})");
  EXPECT_EQ(read("city: $[x!|y]", one), R"({"city":"$[x!|y]"})") << "it is a value, no template";
  EXPECT_EQ(read(R"({"town":"Oslo"})", two), R"({"town":"Oslo"})")
      << "the ability says what does not fit";
}

TEST(CallInputTest, AnyOtherTextIsTheOnlyParametersValue) {
  EXPECT_EQ(read(" Oslo, please\n", one), R"({"city":"Oslo, please"})");
  EXPECT_EQ(read("Remember: Oslo", one), R"({"city":"Remember: Oslo"})");
  EXPECT_EQ(read("7", one), R"({"city":"7"})");
  EXPECT_EQ(read("- a\n- b", one), R"({"city":"- a\n- b"})");
  EXPECT_EQ(read("Oslo", one_required), R"({"city":"Oslo"})");
}

TEST(CallInputTest, NothingIsNoArguments) {
  EXPECT_EQ(read(" \n", two), "{}");
  EXPECT_EQ(read("do it", none), "{}");
}

TEST(CallInputTest, ATextForSeveralParametersIsToldWhatWouldBeRight) {
  const std::string told = read("Oslo for two days", two);
  EXPECT_THAT(told, testing::HasSubstr(R"(for example {"city":"text","days":2}.)"));
  EXPECT_THAT(told, testing::HasSubstr(R"("enum":["c","f"])"));
}

TEST(CallInputTest, YamlThatGrowsWithoutEndIsText) {
  std::string bomb = "city: &a [1,1,1,1,1,1,1,1,1,1]\n";
  for (char name = 'b'; name < 'h'; ++name) {
    const std::string last = "*" + std::string(1, static_cast<char>(name - 1));
    bomb += std::string(1, name) + ": &" + name + " [" + last + "," + last + "," + last + "," +
            last + "," + last + "," + last + "," + last + "," + last + "]\n";
  }
  EXPECT_THAT(read(bomb, one), testing::StartsWith(R"({"city":"city: &a)"));
}

}  // namespace
}  // namespace bellpull
