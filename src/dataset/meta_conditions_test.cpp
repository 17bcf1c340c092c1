#include "dataset/meta_conditions.h"

#include <string_view>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace bellpull {
namespace {

bool holds(std::string_view filter, std::string_view meta) {
  const auto conditions = MetaConditions::parse(boost::json::parse(filter).as_object());
  EXPECT_TRUE(conditions) << (conditions ? "" : conditions.error().message);
  return conditions && conditions->hold(meta);
}

std::string problem(std::string_view filter) {
  const auto conditions = MetaConditions::parse(boost::json::parse(filter).as_object());
  return conditions ? "" : conditions.error().message;
}

TEST(MetaConditions, AScalarMeansEquality) {
  EXPECT_TRUE(holds(R"({"a":"x"})", R"({"a":"x","b":1})"));
  EXPECT_FALSE(holds(R"({"a":"x"})", R"({"a":"y"})"));
  EXPECT_TRUE(holds(R"({"a":1})", R"({"a":1.0})"));
  EXPECT_FALSE(holds(R"({"a":1})", R"({"a":"1"})")) << "a number is no text";
  EXPECT_TRUE(holds(R"({"a":true})", R"({"a":true})"));
  EXPECT_FALSE(holds(R"({"a":true})", R"({"a":1})"));
}

TEST(MetaConditions, AllMustHold) {
  EXPECT_TRUE(holds(R"({"a":{"$gte":1,"$lt":5},"b":"x"})", R"({"a":1,"b":"x"})"));
  EXPECT_FALSE(holds(R"({"a":{"$gte":1,"$lt":5}})", R"({"a":5})"));
  EXPECT_FALSE(holds(R"({"a":1,"b":"x"})", R"({"a":1})"));
}

TEST(MetaConditions, OrderIsOfNumbersOrOfTexts) {
  EXPECT_TRUE(holds(R"({"a":{"$gt":1.5}})", R"({"a":2})"));
  EXPECT_FALSE(holds(R"({"a":{"$lte":3}})", R"({"a":"2"})"));
  EXPECT_TRUE(holds(R"({"day":{"$lt":"2026-02"}})", R"({"day":"2026-01-31"})"));
  EXPECT_FALSE(holds(R"({"a":{"$lt":9}})", "{}"));
}

TEST(MetaConditions, WhatIsAbsentIsNullAndNothingElse) {
  EXPECT_TRUE(holds(R"({"a":null})", "{}"));
  EXPECT_TRUE(holds(R"({"a":{"$ne":1}})", "{}"));
  EXPECT_FALSE(holds(R"({"a":{"$ne":null}})", "{}"));
  EXPECT_FALSE(holds(R"({"a":{"$eq":1}})", R"({"a":[1]})"));
}

TEST(MetaConditions, AMemberWithDotsIsFoundBeforeAPath) {
  EXPECT_TRUE(holds(R"({"a.b":1})", R"({"a":{"b":1}})"));
  EXPECT_TRUE(holds(R"({"a.b":2})", R"({"a":{"b":1},"a.b":2})"));
  EXPECT_FALSE(holds(R"({"a.b.c":1})", R"({"a":{"b":1}})"));
}

TEST(MetaConditions, EverythingWrongIsTold) {
  EXPECT_EQ(problem(R"({"a":{"$in":[1]},"b":{"$gt":true},"c":[1],"d":{}})"),
            "filter.a: unknown operator $in (known are $eq, $ne, $gt, $gte, $lt and $lte); "
            "filter.b: $gt takes a number or a text; "
            "filter.c: $eq takes a text, a number, true, false or null; "
            "filter.d has no operator");
}

}  // namespace
}  // namespace bellpull
