#include "action/fetch_message.h"

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "action/template.h"

namespace bellpull {

namespace {

constexpr std::string_view blanks = " \t\r\n";

// Texts side by side, as !concat leaves them, are one.
Segments joined(Segments given) {
  Segments result;
  for (Segment& segment : given) {
    auto* const text = std::get_if<std::string>(&segment);
    auto* const last = result.empty() ? nullptr : std::get_if<std::string>(&result.back());
    if (text != nullptr && last != nullptr) {
      *last += *text;
    } else {
      result.push_back(std::move(segment));
    }
  }
  return result;
}

void trim_front(Segments& segments) {
  auto* const text = segments.empty() ? nullptr : std::get_if<std::string>(&segments.front());
  if (text == nullptr) return;
  text->erase(0, text->find_first_not_of(blanks));
  if (text->empty()) segments.erase(segments.begin());
}

void trim(Segments& segments) {
  trim_front(segments);
  auto* const text = segments.empty() ? nullptr : std::get_if<std::string>(&segments.back());
  if (text == nullptr) return;
  text->erase(text->find_last_not_of(blanks) + 1);
  if (text->empty()) segments.pop_back();
}

// Takes what is before the first `mark` of the author's, and the mark, off `rest`. Nothing, and
// `rest` as it was, when there is none.
std::optional<Segments> take_until(Segments& rest, char mark) {
  for (auto at = rest.begin(); at != rest.end(); ++at) {
    auto* const text = std::get_if<std::string>(&*at);
    const std::size_t end = text == nullptr ? std::string::npos : text->find(mark);
    if (end == std::string::npos) continue;
    Segments taken(std::move_iterator(rest.begin()), std::move_iterator(at));
    if (end > 0) taken.emplace_back(text->substr(0, end));
    text->erase(0, end + 1);
    rest.erase(rest.begin(), text->empty() ? std::next(at) : at);
    return taken;
  }
  return std::nullopt;
}

Segments take_line(Segments& rest) {
  auto line = take_until(rest, '\n');
  if (!line) line = std::exchange(rest, {});
  trim(*line);
  return std::move(*line);
}

void cut_version(Segments& url) {
  auto* const text = url.empty() ? nullptr : std::get_if<std::string>(&url.back());
  if (text == nullptr) return;
  if (const std::size_t version = text->rfind(" HTTP/"); version != std::string::npos) {
    text->erase(version);
    trim(url);
  }
}

Segments literal(std::string_view text) {
  Segments segments;
  if (!text.empty()) segments.emplace_back(std::string(text));
  return segments;
}

void add(TemplateMap& map, std::string_view key, Segments text) {
  map.push_back({literal(key), false, TemplateValue{std::move(text)}});
}

}  // namespace

MessageParts split_message(Segments message) {
  Segments rest = joined(std::move(message));
  trim_front(rest);
  MessageParts parts;
  parts.url = take_line(rest);
  if (auto method = take_until(parts.url, ' ')) {
    parts.method = std::move(*method);
    trim(parts.url);
    cut_version(parts.url);
  }
  while (!rest.empty()) {
    Segments line = take_line(rest);
    if (line.empty()) break;
    auto name = take_until(line, ':');
    if (!name) {
      // A line that is a field is none either: empty it would be the end of the headers, and full
      // it could be any of them.
      parts.problem = "A header line of the fetch input has no colon";
      rest.insert(rest.begin(), std::move_iterator(line.begin()), std::move_iterator(line.end()));
      break;
    }
    trim(*name);
    trim(line);
    parts.headers.push_back({std::move(*name), std::move(line)});
  }
  parts.body = std::move(rest);
  return parts;
}

TemplateMap to_template(MessageParts parts) {
  TemplateMap map;
  add(map, "method", std::move(parts.method));
  add(map, "url", std::move(parts.url));
  TemplateList headers;
  for (MessageHeader& header : parts.headers) {
    TemplateMap pair;
    add(pair, "name", std::move(header.name));
    add(pair, "value", std::move(header.value));
    headers.push_back({std::move(pair)});
  }
  map.push_back({literal("headers"), false, TemplateValue{std::move(headers)}});
  add(map, "body", std::move(parts.body));
  if (!parts.problem.empty()) add(map, "problem", literal(parts.problem));
  return map;
}

}  // namespace bellpull
