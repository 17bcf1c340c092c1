#include "egress/redaction.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/encoding.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t shortest_secret = 4;  // blotting out less would only garble the text
// Of other alphabets, which make a word of anything.
constexpr std::size_t shortest_encoded = 6;
constexpr std::string_view blot = "[redacted]";

using Texts = std::vector<std::string>;

// The text with each `from` as `to`.
std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  std::size_t begin = 0;
  for (std::size_t at = 0; (at = text.find(from, begin)) != std::string_view::npos;) {
    result.append(text, begin, at - begin).append(to);
    begin = at + from.size();
  }
  return result.append(text, begin);
}

// "%2F" as "%2f"; the rest stays.
std::string in_small_digits(std::string text) {
  for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; ++at) {
    for (std::size_t i = at + 1; i <= at + 2 && i < text.size(); ++i) {
      if (text[i] >= 'A' && text[i] <= 'F') text[i] = static_cast<char>(text[i] + 32);
    }
  }
  return text;
}

void add_url_spellings(const std::string& secret, Texts& texts) {
  const std::string percent = percent_encode(secret);
  const std::string form = replaced(percent, "%20", "+");
  std::string all;
  for (const char c : secret) all += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  // What many libraries leave as it is: encodeURIComponent(), encodeURI() and their like.
  std::string kept = percent;
  std::string kept_in_paths = percent;
  for (const char c : std::string_view("!*'()")) {
    kept = replaced(kept, percent_encode({&c, 1}), {&c, 1});
  }
  for (const char c : std::string_view("!*'();/?:@&=+$,#")) {
    kept_in_paths = replaced(kept_in_paths, percent_encode({&c, 1}), {&c, 1});
  }
  for (const std::string& text : {percent, form, all, kept, kept_in_paths}) {
    texts.push_back(text);
    texts.push_back(in_small_digits(text));
  }
}

void add_quoted_spellings(const std::string& secret, Texts& texts) {
  const std::string quoted = json::serialize(json::string(secret));
  const std::string json = quoted.substr(1, quoted.size() - 2);
  texts.push_back(json);
  texts.push_back(replaced(json, "/", "\\/"));
  std::string for_pages = json;  // as serialisers write JSON that may stand in HTML
  std::string html = replaced(secret, "&", "&amp;");
  constexpr auto marks = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
  for (const auto& [mark, entity] : marks) html = replaced(html, mark, entity);
  for (const char c : std::string_view("<>&'")) {
    for_pages = replaced(for_pages, {&c, 1}, fmt::format("\\u{:04x}", c));
  }
  texts.push_back(std::move(for_pages));
  texts.push_back(std::move(html));
}

// The digits that only the secret decides, wherever in the encoded bytes it begins.
void add_base64_spellings(const std::string& secret, Texts& texts) {
  Texts standard{to_base64(secret)};
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string encoded = to_base64(std::string(before, '\0') + secret);
    const std::size_t begin = (8 * before + 5) / 6;
    const std::size_t end = 8 * (before + secret.size()) / 6;
    standard.push_back(encoded.substr(begin, end - begin));
  }
  for (const std::string& text : standard) {
    texts.push_back(text);
    texts.push_back(replaced(replaced(text, "+", "-"), "/", "_"));  // in URLs
  }
}

Texts spellings_of(const std::string& secret) {
  Texts texts;
  add_url_spellings(secret, texts);
  add_quoted_spellings(secret, texts);
  add_base64_spellings(secret, texts);
  std::string hex = to_hex({reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size()});
  std::string capitals = hex;
  std::ranges::transform(capitals, capitals.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
  });
  texts.push_back(std::move(hex));
  texts.push_back(std::move(capitals));
  std::erase_if(texts, [](const std::string& text) { return text.size() < shortest_encoded; });
  texts.push_back(secret);
  return texts;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < shortest_secret) continue;
    std::ranges::move(spellings_of(secret), std::back_inserter(spellings_));
  }
  // The longest first: one may hold another.
  std::ranges::sort(spellings_, [](const std::string& one, const std::string& other) {
    return one.size() != other.size() ? one.size() > other.size() : one < other;
  });
  const auto repeated = std::ranges::unique(spellings_);
  spellings_.erase(repeated.begin(), repeated.end());
}

std::string Redactor::operator()(std::string_view text) const {
  std::string result(text);
  for (const std::string& spelling : spellings_) {
    if (result.contains(spelling)) result = replaced(result, spelling, blot);
  }
  return result;
}

void redact(json::value& value, const Redactor& redactor) {
  if (value.is_string()) {
    value = redactor(value.get_string());
  } else if (value.is_number()) {
    const std::string text = json::serialize(value);
    if (const std::string shown = redactor(text); shown != text) value = shown;
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
