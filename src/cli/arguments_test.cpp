#include "cli/arguments.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "cli/failure.h"

namespace bellpull::cli {
namespace {

const std::vector<Parameter> trigger{{"TRIGGER", "which"}};
const std::vector<Option> options{{"-d,--body", "BODY", ""}, {"--scope", "SCOPE", "", true},
                                  {"--session", "S", ""},    {"--count", "N", ""},
                                  {"--timeout", "D", ""},    {"--wait", "", ""}};

Outcome<Arguments> parse(const std::vector<std::string>& words) {
  return Arguments::parse(trigger, options, words);
}

TEST(Arguments, OptionsStandAnywhereAndTakeOneValue) {
  const auto parsed =
      parse({"--scope", "read", "orders", "--scope=write", "-d", "{\"a\":[1,2]}", "--wait"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->text("TRIGGER"), "orders");
  EXPECT_EQ(parsed->texts("--scope"), (std::vector<std::string>{"read", "write"}));
  EXPECT_EQ(parsed->text("--body"), "{\"a\":[1,2]}");
  EXPECT_TRUE(parsed->has("--wait"));
  EXPECT_FALSE(parsed->has("--count"));
}

TEST(Arguments, ADashIsAValueLikeAnyOther) {
  const auto parsed = parse({"orders", "-d", "-"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->text("--body"), "-");
}

TEST(Arguments, AnEmptyValueIsGiven) {
  const auto parsed = parse({"orders", "--session", ""});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(parsed->has("--session"));
}

TEST(Arguments, AMisspeltOptionIsToldTheNearest) {
  const auto parsed = parse({"orders", "--sesion", "a"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().exit_code, ExitCode::usage);
  EXPECT_EQ(parsed.error().message, "unknown option --sesion. Did you mean --session?");
}

TEST(Arguments, AWordTooManyIsRefused) {
  const auto parsed = parse({"orders", "other"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, "\"other\" is one word too many");
}

TEST(Arguments, NumbersAndDurationsAreChecked) {
  using namespace std::chrono_literals;
  const auto parsed = parse({"orders", "--count", "0", "--timeout", "2m"});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->number("--count", 1)) << "below the lowest";
  EXPECT_EQ(parsed->duration("--timeout").value(), std::optional<Duration>{2min});
  const auto bare = parse({"orders", "--timeout", "20"});
  EXPECT_FALSE(bare->duration("--timeout")) << "nobody should have to guess the unit";
}

}  // namespace
}  // namespace bellpull::cli
