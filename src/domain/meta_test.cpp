#include "domain/meta.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace bellpull {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

std::vector<std::pair<std::string, std::string>> values_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> values;
  const boost::json::object meta = parse_stored(text);
  visit_meta(meta, [&](std::span<const std::string> path, const std::string& value) {
    std::string name;
    for (const std::string& key : path) name += "/" + key;
    values.emplace_back(name, value);
    EXPECT_THAT(meta_text(meta, path), Optional(value));
  });
  return values;
}

TEST(MetaTest, TextsNumbersAndBooleansAreValues) {
  EXPECT_THAT(values_of(R"({"a":"x y","n":7,"m":-1.5,"on":true,"none":null,"list":["a"],"":"e"})"),
              ElementsAre(Pair("/a", "x y"), Pair("/n", "7"), Pair("/m", "-1.5"),
                          Pair("/on", "true"), Pair("/", "e")));
}

TEST(MetaTest, ANumberIsItsShortestText) {
  EXPECT_THAT(values_of(R"({"a":1.0,"b":0.1,"c":18446744073709551615,"d":1e21})"),
              ElementsAre(Pair("/a", "1"), Pair("/b", "0.1"), Pair("/c", "18446744073709551615"),
                          Pair("/d", "1e+21")));
}

TEST(MetaTest, AnInnerValueIsUnderThePathOfItsKeys) {
  EXPECT_THAT(values_of(R"({"a":{"b":{"c.d":"x"}},"a.b":"y"})"),
              ElementsAre(Pair("/a/b/c.d", "x"), Pair("/a.b", "y")));
  EXPECT_THAT(values_of(R"({"1":{"2":{"3":{"4":{"5":{"6":{"7":{"8":1,"x":{"9":2}}}}}}}}})"),
              ElementsAre(Pair("/1/2/3/4/5/6/7/8", "1")));
}

TEST(MetaTest, APathThatLeadsNowhereHasNoValue) {
  const boost::json::object meta = parse_stored(R"({"a":{"b":"x"},"c":"y"})");
  const std::vector<std::vector<std::string>> nowhere{{"a"}, {"b"}, {"c", "d"}, {"a", "c"}, {}};
  for (const auto& path : nowhere) EXPECT_FALSE(meta_text(meta, path));
}

}  // namespace
}  // namespace bellpull
