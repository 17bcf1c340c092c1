#include "egress/redaction.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(RedactorTest, EverySecretIsBlottedOutWhereverItStands) {
  const Redactor redact({"sk-12", "sk-12345", "abc"});
  EXPECT_EQ(redact("key sk-12345, again sk-12345; sk-12; abc"),
            "key [redacted], again [redacted]; [redacted]; abc");
  EXPECT_EQ(redact(""), "");
}

TEST(RedactorTest, OfAValueEveryTextKeyAndNumberIsLookedAt) {
  const Redactor redactor({"12345678"});
  boost::json::value value{{"pin", 12345678},
                           {"x 12345678", {"a", "is 12345678!", 1234567, true, nullptr}}};
  redact(value, redactor);
  EXPECT_EQ(boost::json::serialize(value),
            R"({"pin":"[redacted]","x [redacted]":["a","is [redacted]!",1234567,true,null]})");
}

TEST(LoggableUrlTest, QueryFragmentAndUserAreLeftOut) {
  EXPECT_EQ(loggable_url("https://u:p@h.example/a@b?key=1#x"), "https://h.example/a@b");
  EXPECT_EQ(loggable_url("https://h.example?key=1"), "https://h.example");
}

}  // namespace
}  // namespace bellpull
