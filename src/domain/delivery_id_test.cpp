#include "domain/delivery_id.h"

#include <map>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

Result<DeliveryId> read(std::string_view text) {
  return DeliveryId::read(boost::json::parse({text.data(), text.size()}));
}

std::string shown(std::string_view text) {
  const auto id = read(text);
  return id ? boost::json::serialize(id->to_json()) : id.error().message;
}

std::string key(std::string_view sources, const std::map<std::string, std::string>& headers,
                std::string_view body = "") {
  const auto header = [&](std::string_view name) -> std::string_view {
    const auto found = headers.find(std::string{name});
    return found == headers.end() ? std::string_view{} : found->second;
  };
  return read(sources).value().key(header, body);
}

constexpr std::string_view both =
    R"({"headers":["webhook-id","X-GitHub-Delivery"],"jsonPath":"$.id"})";

TEST(DeliveryIdTest, TheFirstSourceThatHasAnIdGivesTheKey) {
  EXPECT_EQ(key(both, {{"webhook-id", "a"}, {"x-github-delivery", "b"}}, R"({"id":"c"})"),
            "webhook-id a");
  EXPECT_EQ(key(both, {{"x-github-delivery", " b\t"}}, R"({"id":"c"})"), "x-github-delivery b");
  EXPECT_EQ(key(both, {}, R"({"id":"c"})"), "$.id c");
  EXPECT_EQ(key(both, {{"webhook-id", "  "}}, R"({"id":"c"})"), "$.id c");
}

TEST(DeliveryIdTest, ANumberIsAnIdAndOtherValuesAreNone) {
  EXPECT_EQ(key(both, {}, R"({"id":17})"), "$.id 17");
  EXPECT_EQ(key(both, {}, R"({"id":-1})"), "$.id -1");
  EXPECT_EQ(key(both, {}, R"({"id":18446744073709551615})"), "$.id 18446744073709551615");
  for (const char* value : {"1.5", "true", "null", "{}", "[1]", R"("")"}) {
    EXPECT_EQ(key(both, {}, std::string{R"({"id":)"} + value + "}"), "") << value;
  }
}

TEST(DeliveryIdTest, WithoutAUsableIdThereIsNoKey) {
  EXPECT_EQ(key(both, {}, ""), "");
  EXPECT_EQ(key(both, {}, "no json"), "");
  EXPECT_EQ(key(both, {}, R"({"other":1})"), "");
  EXPECT_EQ(key(both, {}, R"("id")"), "");
  EXPECT_EQ(key(both, {{"webhook-id", std::string(256, 'x')}}), "");
  EXPECT_EQ(key(both, {{"webhook-id", "\xFF"}}), "");
  EXPECT_EQ(key(both, {{"webhook-id", std::string(255, 'x')}}),
            "webhook-id " + std::string(255, 'x'));
}

TEST(DeliveryIdTest, AHostileBodyIsNoJson) {
  const std::string deep =
      R"({"id":"c","x":)" + std::string(500'000, '[') + std::string(500'000, ']') + "}";
  EXPECT_EQ(key(both, {}, deep), "");
  EXPECT_EQ(key(both, {}, std::string(1'000'000, '{')), "");
}

TEST(DeliveryIdTest, IsShownInOneForm) {
  EXPECT_EQ(shown(both), R"({"headers":["webhook-id","x-github-delivery"],"jsonPath":"$.id"})");
  EXPECT_EQ(shown(R"({"headers":["A","a"]})"), R"({"headers":["a"],"jsonPath":null})");
  EXPECT_EQ(shown(R"({"headers":null,"jsonPath":"$.id"})"), R"({"headers":[],"jsonPath":"$.id"})");
  EXPECT_EQ(shown(shown(both)), shown(both));
}

TEST(DeliveryIdTest, EverythingThatIsWrongIsTold) {
  EXPECT_EQ(shown("[]"), "must be an object");
  EXPECT_EQ(shown("{}"), "must have headers or a jsonPath");
  EXPECT_EQ(shown(R"({"headers":[],"jsonPath":""})"), "must have headers or a jsonPath");
  EXPECT_EQ(
      shown(R"({"headers":["a b"],"jsonPath":"id","header":1})"),
      "headers must be names such as webhook-id, jsonPath must begin with $, has no member header");
  EXPECT_EQ(shown(R"({"headers":"webhook-id"})"), "headers must be a list of names");
  EXPECT_EQ(shown(R"({"headers":[1]})"), "headers must be a list of names");
  EXPECT_EQ(shown(R"({"headers":["Authorization"]})"),
            "headers can't be authorization, which holds a secret");
  EXPECT_EQ(shown(R"({"headers":["1","2","3","4","5","6","7","8","9"]})"),
            "headers must be at most 8");
  EXPECT_EQ(shown(R"({"headers":[")" + std::string(65, 'a') + R"("]})"),
            "headers must be names such as webhook-id");
  EXPECT_EQ(shown(R"({"jsonPath":7})"), "jsonPath must be a text");
}

}  // namespace
}  // namespace bellpull
