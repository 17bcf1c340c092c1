#include "base/json.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/json_reader.h"

namespace bellpull {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonTest, WhatIsTakenFromOthersCanBeReadBackHoweverItIsWrapped) {
  const auto deepest = parse_foreign(nested(max_foreign_depth));
  ASSERT_TRUE(deepest);
  EXPECT_FALSE(parse_foreign(nested(max_foreign_depth + 1)));

  std::string text = boost::json::serialize(*deepest);
  for (int i = 0; i < 20; ++i) text = R"({"a":)" + text + "}";
  EXPECT_TRUE(read_stored(text));
}

TEST(JsonTest, WhatCantBeReadIsNothing) {
  EXPECT_FALSE(parse_foreign("{"));
  EXPECT_FALSE(read_stored("{"));
  EXPECT_FALSE(read_stored("[]")) << "only objects are stored";
  EXPECT_EQ(parse_stored("{"), boost::json::object{});
}

// Found by tests/fuzz: a value in `meta` moved by the last digit each time it was sent back.
TEST(JsonTest, ANumberIsTheNearestToItsTextAndStaysSo) {
  EXPECT_EQ(parse_foreign("26666666666666666666666666666666666666666666666666666666666666666666666"
                          "666666666.5"),
            2.6666666666666667e79);
  std::mt19937_64 random{1};
  std::uniform_real_distribution<double> reals{-1000, 1000};
  for (int i = 0; i < 10'000; ++i) {
    const double number = reals(random);
    EXPECT_EQ(parse_foreign(boost::json::serialize(boost::json::value(number))), number);
    EXPECT_EQ(parse_foreign(fmt::format("{}", number)), number);
  }
  EXPECT_EQ(parse_foreign("[1,-0.5e-3,18446744073709551615,1e-400]")->as_array().size(), 4);
}

TEST(JsonTest, ANumberThatNoDoubleIsNearIsRefused) {
  for (const auto* const text : {"1e400", "-1e555", "[1,1e99999]", R"({"a":1e99999999999})"}) {
    EXPECT_EQ(read_json(text, 2).error, make_error_code(boost::json::error::exponent_overflow))
        << text;
  }
}

TEST(JsonTest, WhatIsWrongIsSaidWithItsPlace) {
  const auto problem = [](std::string_view text) {
    const JsonReading reading = read_json(text, 2);
    return std::pair{reading.error, reading.read};
  };
  using boost::json::error;
  EXPECT_EQ(problem(R"( {"a" : "b"} )").first, boost::system::error_code{});
  EXPECT_EQ(problem(R"({"a":)"), std::pair(make_error_code(error::incomplete), std::size_t{5}));
  EXPECT_EQ(problem(R"({"a":x})"), std::pair(make_error_code(error::syntax), std::size_t{5}));
  EXPECT_EQ(problem("{} {}"), std::pair(make_error_code(error::extra_data), std::size_t{3}));
  EXPECT_EQ(problem("[[[]]]").first, make_error_code(error::too_deep));
  EXPECT_EQ(problem("").first, make_error_code(error::incomplete));
}

}  // namespace
}  // namespace bellpull
