// Keeps secrets out of what people, models and logs get to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace bellpull {

// Knows the secrets of one connection and blots them out of text from the other side, which likes
// to quote what it was sent.
class Redactor {
 public:
  explicit Redactor(std::vector<std::string> secrets);

  std::string operator()(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;
};

// In every text and key of it. A number that is a secret becomes a text.
void redact(boost::json::value& value, const Redactor& redactor);

// A URL for a log line: no user, query or fragment.
std::string loggable_url(std::string_view url);

}  // namespace bellpull
