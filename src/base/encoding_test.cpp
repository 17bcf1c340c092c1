#include "base/encoding.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace bellpull {
namespace {

TEST(EncodingTest, BytesSurviveBothForms) {
  SeededRandom random{7};
  for (std::size_t length = 0; length < 40; ++length) {
    std::vector<std::uint8_t> bytes(length);
    random.fill(bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    EXPECT_EQ(from_base32(to_base32(bytes)), bytes);
  }
}

TEST(EncodingTest, NumbersAreShortAndStrict) {
  EXPECT_EQ(to_base32(std::uint64_t{0}), "0");
  EXPECT_EQ(to_base32(std::uint64_t{33}, 4), "0011");
  EXPECT_EQ(number_from_base32("0011"), 33);
  EXPECT_EQ(number_from_base32(to_base32(std::uint64_t{INT64_MAX})), INT64_MAX);
  EXPECT_FALSE(number_from_base32("8000000000000"));  // 2^63
  EXPECT_FALSE(number_from_base32(""));
  EXPECT_FALSE(number_from_base32("u"));
}

TEST(EncodingTest, AddedBitsOfBase32MustBeZero) {
  EXPECT_TRUE(from_base32("00"));
  EXPECT_FALSE(from_base32("01"));
  EXPECT_FALSE(from_base32("0"));
}

TEST(EncodingTest, Utf8FollowsRfc3629) {
  EXPECT_TRUE(is_utf8("plain text that is longer than a word"));
  EXPECT_TRUE(is_utf8("caf\xC3\xA9 \xF0\x9F\x94\x94"));
  EXPECT_FALSE(is_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("12345678\xE2\x82"));  // cut
}

TEST(EncodingTest, Base64IsReadInEitherAlphabet) {
  EXPECT_EQ(from_base64("aGVsbG8="), "hello");
  EXPECT_EQ(from_base64("aGVsbG8"), "hello");
  EXPECT_EQ(from_base64("aGVs\nbG8h"), "hello!");
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("+/8="), "\xfb\xff");
  EXPECT_EQ(from_base64("-_8"), "\xfb\xff");
  EXPECT_EQ(from_base64("AA=="), std::string(1, '\0'));
  for (const char* wrong : {"a", "aGVsb", "aGV*", "=", "aGVs=", "aG=VsbG8=", "aGVsbG8=="}) {
    EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
  }
}

TEST(EncodingTest, Base64IsPaddedAndReadBack) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("\xfb\xff"), "+/8=");
  EXPECT_EQ(from_base64(to_base64("hello!")), "hello!");
}

TEST(EncodingTest, AUrlHoldsWhatIsPercentEncoded) {
  EXPECT_EQ(percent_encode("text/plain; charset=utf-8"), "text%2Fplain%3B%20charset%3Dutf-8");
  EXPECT_EQ(percent_encode("a-b_c.d~\xc3\xa5"), "a-b_c.d~%C3%A5");
}

}  // namespace
}  // namespace bellpull
