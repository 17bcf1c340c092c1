#include "base/json.h"

#include <cstddef>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace bellpull
