#include "egress/redaction.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "base/encoding.h"

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

TEST(RedactorTest, ASecretIsKnownHoweverItIsSpelt) {
  const Redactor redact({"key/+1 & \"9\"?"});
  for (const std::string_view spelt : {
           "key/+1 & \"9\"?",
           "key%2F%2B1%20%26%20%229%22%3F",
           "key%2f%2b1%20%26%20%229%22%3f",
           "key%2F%2B1+%26+%229%22%3F",
           "key/+1%20&%20%229%22?",
           "%6B%65%79%2F%2B%31%20%26%20%22%39%22%3F",
           R"(key/+1 & \"9\"?)",
           R"(key\/+1 & \"9\"?)",
           R"(key/+1 \u0026 \"9\"?)",
           "key/+1 &amp; &quot;9&quot;?",
           "6b65792f2b312026202239223f",
           "6B65792F2B312026202239223F",
       }) {
    EXPECT_EQ(redact(spelt), "[redacted]") << spelt;
  }
}

TEST(RedactorTest, ASecretIsKnownInBase64OfSomethingLonger) {
  const std::string secret = "5ecret?~>>~?value";
  const Redactor redact({secret});
  for (const std::string_view before : {"", "u", "u:", "us:", "user:"}) {
    for (const std::string_view after : {"", "!", "!!", ":end"}) {
      std::string encoded = to_base64(std::string(before) + secret + std::string(after));
      for (int alphabet = 0; alphabet < 2; ++alphabet) {
        const std::string shown = redact("<" + encoded + ">");
        EXPECT_TRUE(shown.contains("[redacted]")) << encoded;
        // What is left are digits that the neighbours decide, too.
        EXPECT_LE(shown.size(), 2 + 10 + 4 * before.size() / 3 + 4 * after.size() / 3 + 6) << shown;
        std::ranges::replace(encoded, '+', '-');
        std::ranges::replace(encoded, '/', '_');
      }
    }
  }
}

TEST(RedactorTest, ShortSecretsMakeNoHolesInOtherWords) {
  const Redactor redact({"abcd"});
  EXPECT_EQ(redact("abcd YWJj 616263"), "[redacted] YWJj 616263");
}

TEST(RedactorTest, AReplyFullOfASecretIsBlottedOutWhole) {
  std::string full;
  while (full.size() < std::size_t{512} * 1024) full += "sk-1 ";
  const std::string shown = Redactor({"sk-1"})(full);
  EXPECT_FALSE(shown.contains("sk-1"));
  EXPECT_EQ(shown.size(), full.size() / 5 * 11);
}

TEST(LoggableUrlTest, QueryFragmentAndUserAreLeftOut) {
  EXPECT_EQ(loggable_url("https://u:p@h.example/a@b?key=1#x"), "https://h.example/a@b");
  EXPECT_EQ(loggable_url("https://h.example?key=1"), "https://h.example");
}

}  // namespace
}  // namespace bellpull
