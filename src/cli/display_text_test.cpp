#include "cli/display_text.h"

#include <chrono>

#include <gtest/gtest.h>

#include "base/time.h"

namespace bellpull::cli {
namespace {

TEST(DisplayText, EscapeSequencesOfStrangersNeverReachATerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\xEF\xBF\xBD[2Jb");
  EXPECT_EQ(printable("one\ntwo\tthree"), "one two three");
  EXPECT_EQ(printable("\xC2\x9B"), "\xEF\xBF\xBD") << "a control character beyond ASCII";
  EXPECT_EQ(printable("a\xFF"
                      "b"),
            "a\xEF\xBF\xBD"
            "b")
      << "not UTF-8";
  EXPECT_EQ(printable("\xE2\x80\xAE"
                      "exe"),
            "\xEF\xBF\xBD"
            "exe")
      << "text written backwards";
  EXPECT_EQ(printable("Привет 訂單"), "Привет 訂單");
}

TEST(DisplayText, AFieldStaysOneFieldInATabSeparatedLine) {
  EXPECT_EQ(escaped("a\tb\nc\\d"), "a\\tb\\nc\\\\d");
}

TEST(DisplayText, WidthCountsColumnsNotBytes) {
  EXPECT_EQ(display_width("訂單"), 4U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(cut("訂單訂單", 5), "訂單…");
  EXPECT_EQ(cut("short", 5), "short");
  EXPECT_EQ(padded("訂", 4), "訂  ");
}

TEST(DisplayText, TimesAreRelativeInBothDirections) {
  using namespace std::chrono_literals;
  const TimePoint now = from_ms(1'000'000'000);
  EXPECT_EQ(relative_time(now - 12s, now), "12 s ago");
  EXPECT_EQ(relative_time(now + 5min, now), "in 5 min");
  EXPECT_EQ(relative_time(now - 50h, now), "2 d ago");
  EXPECT_EQ(relative_time(now, now), "now");
}

TEST(DisplayText, AmountsReadWell) {
  EXPECT_EQ(duration_text(Duration{380}), "380ms");
  EXPECT_EQ(duration_text(Duration{1'340}), "1.34s");
  EXPECT_EQ(duration_text(Duration{750'000}), "12m 30s");
  EXPECT_EQ(bytes_text(214), "214 B");
  EXPECT_EQ(number_text(3'043), "3,043");
  EXPECT_EQ(number_text(1'234'567), "1,234,567");
  EXPECT_EQ(number_text(-999), "-999");
  EXPECT_EQ(counted(1, "tool"), "1 tool");
}

}  // namespace
}  // namespace bellpull::cli
