#include "egress/redaction.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

namespace json = boost::json;

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

void redact(json::value& value, const Redactor& redactor) {
  if (value.is_string()) {
    value = redactor(value.get_string());
  } else if (value.is_number()) {
    const std::string text = json::serialize(value);
    if (std::string shown = redactor(text); shown != text) value = std::move(shown);
  } else if (value.is_array()) {
    for (json::value& element : value.get_array()) redact(element, redactor);
  } else if (value.is_object()) {
    json::object shown;
    for (auto& member : value.get_object()) {
      redact(member.value(), redactor);
      shown[redactor(member.key())] = std::move(member.value());
    }
    value = std::move(shown);
  }
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
