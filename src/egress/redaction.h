// Keeps secrets out of what people, models and logs get to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace bellpull {

// Knows the secrets of one connection and blots them out of text from the other side, which likes
// to quote what it was sent: as it was, and as URLs, JSON, HTML, base64 (also in the middle of
// something longer) and hexadecimal digits spell it. It is no wall against a peer that means to
// give a secret away, which can spell it backwards: such a secret is lost when it is sent there.
class Redactor {
 public:
  explicit Redactor(const std::vector<std::string>& secrets);

  std::string operator()(std::string_view text) const;

 private:
  std::vector<std::string> spellings_;  // the longest first
};

// In every text and key of it. A number that is a secret becomes a text.
void redact(boost::json::value& value, const Redactor& redactor);

// A URL for a log line: no user, query or fragment.
std::string loggable_url(std::string_view url);

}  // namespace bellpull
