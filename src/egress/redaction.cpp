#include "egress/redaction.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellpull {

namespace {

constexpr std::size_t shortest_secret = 4;  // blotting out less would only garble the text
constexpr std::string_view blot = "[redacted]";

}  // namespace

Redactor::Redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_,
                [](const std::string& secret) { return secret.size() < shortest_secret; });
  // The longest first: one secret may hold another.
  std::ranges::sort(secrets_, std::greater<>{}, &std::string::size);
}

std::string Redactor::operator()(std::string_view text) const {
  std::string result(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = 0; (at = result.find(secret, at)) != std::string::npos;
         at += blot.size()) {
      result.replace(at, secret.size(), blot);
    }
  }
  return result;
}

std::string loggable_url(std::string_view url) {
  std::string result(url.substr(0, url.find_first_of("?#")));
  const std::size_t scheme_end = result.find("://");
  if (scheme_end == std::string::npos) return result;
  const std::size_t host = scheme_end + 3;
  const std::size_t at = result.substr(0, result.find('/', host)).rfind('@');
  if (at != std::string::npos && at >= host) result.erase(host, at + 1 - host);
  return result;
}

}  // namespace bellpull
