#include "base/i_regexp.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/result.h"

namespace bellpull {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const Result<IRegexp> parsed = IRegexp::parse(pattern);
  EXPECT_TRUE(parsed) << pattern;
  return parsed && parsed->matches(text);
}

TEST(IRegexpTest, MatchesTheWholeTextOrAPartOfIt) {
  EXPECT_TRUE(matches("a(b|c)+", "abcb"));
  EXPECT_FALSE(matches("a(b|c)+", "xabcb"));
  EXPECT_TRUE(IRegexp::parse("b|c")->is_within("abd"));
  EXPECT_FALSE(IRegexp::parse("b|c")->is_within("xyz"));
  EXPECT_TRUE(matches("a|bc", "bc")) << "the whole of either side";
}

TEST(IRegexpTest, ReadsTheInterchangeForm) {
  EXPECT_TRUE(matches("[0-9]{4}-[0-9]{2,}", "2024-05"));
  EXPECT_TRUE(matches("\\p{Lu}\\P{Lu}*", "Éclair"));
  EXPECT_TRUE(matches("[^a-c\\]-]?\\.\\n", "x.\n"));
  EXPECT_TRUE(matches("a{2}b?c*", "aab"));
  EXPECT_TRUE(matches("^ab$", "ab"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches(".", "é"));
  EXPECT_FALSE(matches(".", "\n"));
  EXPECT_FALSE(matches(".", "\r"));
}

TEST(IRegexpTest, RefusesWhatOtherFormsHave) {
  for (const char* pattern :
       {"\\d",   "\\w+", "\\bword", "(?i)a", "(?:a)",       "a*?",  "a++",    "a{2}{3}", "a{,3}",
        "a{b}",  "a{2",  "a}",      "]",     "[[:alpha:]]", "(",    ")",      "[a",      "[]",
        "[b-a]", "*a",   "a{3,2}",  "\\",    "\\p{Nope}",   "\\pL", "(a)\\1", "\xff"}) {
    EXPECT_FALSE(IRegexp::parse(pattern)) << pattern;
  }
}

TEST(IRegexpTest, IsBounded) {
  EXPECT_FALSE(IRegexp::parse(std::string(1025, 'a')));
  EXPECT_FALSE(IRegexp::parse("((a{100}){100}){100}"));
  const auto parsed = IRegexp::parse("(a|aa)*b");
  EXPECT_FALSE(parsed->matches(std::string(100'000, 'a'))) << "in linear time";
  EXPECT_GE(parsed->steps_for(100'000), std::size_t{10'000});
}

}  // namespace
}  // namespace bellpull
