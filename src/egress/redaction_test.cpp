#include "egress/redaction.h"

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(RedactorTest, EverySecretIsBlottedOutWhereverItStands) {
  const Redactor redact({"sk-12", "sk-12345", "abc"});
  EXPECT_EQ(redact("key sk-12345, again sk-12345; sk-12; abc"),
            "key [redacted], again [redacted]; [redacted]; abc");
  EXPECT_EQ(redact(""), "");
}

TEST(LoggableUrlTest, QueryFragmentAndUserAreLeftOut) {
  EXPECT_EQ(loggable_url("https://u:p@h.example/a@b?key=1#x"), "https://h.example/a@b");
  EXPECT_EQ(loggable_url("https://h.example?key=1"), "https://h.example");
}

}  // namespace
}  // namespace bellpull
