#include "base/time.h"

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(TimeTest, IsoFormRoundTripsToTheMillisecond) {
  const TimePoint time = from_ms(1767225600123);
  EXPECT_EQ(to_iso(time), "2026-01-01T00:00:00.123Z");
  EXPECT_EQ(parse_iso(to_iso(time)), time);
}

TEST(TimeTest, DatesBeforeTheEpochKeepPositiveFractions) {
  EXPECT_EQ(to_iso(from_ms(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(TimeTest, OffsetsAreAppliedAndFractionsCut) {
  EXPECT_EQ(parse_iso("2026-01-01T02:00:00.9999+02:00"), from_ms(1767225600999));
  EXPECT_EQ(parse_iso("2026-01-01"), from_ms(1767225600000));
  EXPECT_EQ(parse_iso("2026-01-01T00:00"), from_ms(1767225600000));
}

TEST(TimeTest, AnythingElseIsRefused) {
  for (const char* text : {"", "2026", "2026-13-01", "2026-02-30", "2026-01-01T24:00",
                           "2026-01-01T00:00:00.", "2026-01-01T00:00:00Zx", "20260101"}) {
    EXPECT_FALSE(parse_iso(text)) << text;
  }
}

}  // namespace
}  // namespace bellpull
