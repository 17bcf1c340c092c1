#include "sqlite/event_matcher.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "domain/event.h"
#include "store/event_search.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_value(const json::value& found, std::string_view wanted) {
  if (const auto* text = found.if_string(); text != nullptr) return *text == wanted;
  if (found.is_structured()) return false;
  if (found.is_double()) return number_of(wanted) == found.get_double();
  return json::serialize(found) == wanted;
}

// Whether the value at a path, or at any place that the path may mean, is the wanted one.
bool leads_to(const json::value& at, std::span<const std::string> path, std::string_view wanted) {
  if (path.empty()) return is_value(at, wanted);
  std::string_view key = path.front();
  const bool is_list = key.ends_with("[]");
  if (is_list) key.remove_suffix(2);
  const json::value* next = &at;
  if (!key.empty()) {
    const auto* object = at.if_object();
    next = object == nullptr ? nullptr : object->if_contains(key);
  }
  if (next == nullptr) return false;
  if (!is_list) return leads_to(*next, path.subspan(1), wanted);
  const auto* list = next->if_array();
  if (list == nullptr) return false;
  return std::ranges::any_of(
      *list, [&](const json::value& one) { return leads_to(one, path.subspan(1), wanted); });
}

// A text that JSON writes in one way only: what does not have it, need not be parsed.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const char lower = folded(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '@';
  });
}

}  // namespace

std::size_t EventMatcher::FoldedHash::operator()(char c) const noexcept {
  return static_cast<unsigned char>(folded(c));
}
bool EventMatcher::FoldedEqual::operator()(char a, char b) const noexcept {
  return folded(a) == folded(b);
}

EventMatcher::EventMatcher(const EventSearch& search)
    : search_(search), text_(search.text.begin(), search.text.end()) {
  for (const BodyValue& value : search.body) {
    values_.emplace_back(value.value.begin(), value.value.end());
  }
}

bool EventMatcher::has_text(const EventAndRun& row, std::string_view body) const {
  const auto has = [this](std::string_view where) {
    return std::search(where.begin(), where.end(), text_) != where.end();
  };
  const Event& event = row.event;
  return has(event.query) || has(event.headers) || has(event.session.text()) ||
         has(event.contact.name) || has(event.contact.email) || has(event.contact.phone) ||
         has(event.idempotency_key) || has(row.run.reason) || has(row.run.error_message) ||
         has(body);
}

bool EventMatcher::matches(const EventAndRun& row, std::string_view body) const {
  if (!search_.text.empty() && !has_text(row, body)) return false;
  if (search_.body.empty()) return true;
  for (std::size_t i = 0; i < search_.body.size(); ++i) {
    if (!is_plain(search_.body[i].value) || number_of(search_.body[i].value)) continue;
    if (std::search(body.begin(), body.end(), values_[i]) == body.end()) return false;
  }
  const std::optional<json::value> parsed = parse_foreign(body);
  if (!parsed) return false;
  return std::ranges::all_of(search_.body, [&](const BodyValue& value) {
    return leads_to(*parsed, value.path, value.value);
  });
}

}  // namespace bellpull
