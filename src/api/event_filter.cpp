#include "api/event_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/change.h"
#include "api/field_value.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "http/query.h"
#include "schedule/nearest_name.h"
#include "store/event_search.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Bounds of one search: each costs time on every event that is passed.
constexpr std::size_t max_text_bytes = 256;
constexpr std::size_t max_body_values = 5;
constexpr std::size_t max_body_depth = 8;
constexpr std::int64_t max_attempts = 1'000'000;

constexpr std::string_view body_prefix = "body.";

FilterRule choice_filter(std::string_view name, std::span<const std::string_view> choices) {
  return {name, name, [name, choices](std::string_view text) -> Result<FilterValue> {
            const auto index = find_choice(name, choices, text);
            if (!index) return std::unexpected(index.error());
            return static_cast<std::int64_t>(*index);
          }};
}

// Reads the text of one parameter into the search.
using Read = Result<void> (*)(std::string_view name, std::string_view text, EventSearch& search);

template <std::string EventSearch::* member>
Result<void> read_part(std::string_view name, std::string_view text, EventSearch& search) {
  if (!is_utf8(text)) {
    return fail(ErrorCode::invalid, std::string{name} + " must be valid UTF-8 text");
  }
  if (text.size() > max_text_bytes) {
    return fail(ErrorCode::invalid, std::string{name} + " must be at most 256 bytes");
  }
  search.*member = text;
  return {};
}

// A number, or else the text, as a body would have it.
json::value as_value(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = problem == std::errc{} && end == text.data() + text.size();
  return is_number ? json::value(number) : json::value(text);
}

template <std::optional<TimePoint> EventSearch::* member>
Result<void> read_time(std::string_view name, std::string_view text, EventSearch& search) {
  const auto time = read_optional_time(name, {}, as_value(text));
  if (!time) return std::unexpected(time.error());
  search.*member = *time;
  return {};
}

template <std::optional<std::int64_t> EventSearch::* member, std::int64_t maximum>
Result<void> read_minimum(std::string_view name, std::string_view text, EventSearch& search) {
  const auto number =
      read_optional_integer(name, {.minimum = 0, .maximum = maximum}, as_value(text));
  if (!number) return std::unexpected(number.error());
  search.*member = *number;
  return {};
}

template <std::optional<bool> EventSearch::* member>
Result<void> read_flag(std::string_view name, std::string_view text, EventSearch& search) {
  if (text != "true" && text != "false") {
    return fail(ErrorCode::invalid, std::string{name} + " must be true or false");
  }
  search.*member = text == "true";
  return {};
}

Result<void> read_until(std::string_view name, std::string_view text, EventSearch& search) {
  search.until = EventId::parse(text);
  if (!search.until) return fail(ErrorCode::invalid, std::string{name} + " must be an event's id");
  return {};
}

struct SearchRule {
  std::string_view parameter;
  Read read;
  std::string_view about;
};

constexpr std::int64_t no_maximum = std::numeric_limits<std::int64_t>::max();
constexpr std::array search_rules{
    SearchRule{"from", read_time<&EventSearch::from>,
               "Only those received at this time or later, in ms or as ISO 8601 text"},
    SearchRule{"to", read_time<&EventSearch::before>, "Only those received before this time"},
    SearchRule{"until", read_until, "Only those up to this event, by its id"},
    SearchRule{"minAttempts", read_minimum<&EventSearch::min_attempts, max_attempts>,
               "Only those whose run has had so many attempts"},
    SearchRule{"minDurationMs", read_minimum<&EventSearch::min_duration_ms, no_maximum>,
               "Only those whose run took so long"},
    SearchRule{"hasConversation", read_flag<&EventSearch::has_conversation>,
               "`true` or `false`: whether the run has a conversation"},
    SearchRule{"unknownOutcomes", read_flag<&EventSearch::has_unknown>,
               "`true` or `false`: whether the run has calls whose outcome nobody knows"},
    SearchRule{"contact", read_part<&EventSearch::contact>,
               "A part of the contact's name, e-mail or phone"},
    SearchRule{"reason", read_part<&EventSearch::reason>, "A part of why the run ended as it did"},
    SearchRule{"error", read_part<&EventSearch::error>, "A part of the run's error"},
    SearchRule{"q", read_part<&EventSearch::text>, "A part of the event's body"}};

Result<void> read_body_value(std::string_view name, std::string_view text, EventSearch& search) {
  if (!is_utf8(name) || !is_utf8(text)) {
    return fail(ErrorCode::invalid, "body must be valid UTF-8 text");
  }
  BodyValue value{.value = std::string{text}};
  std::string_view path = name.substr(body_prefix.size());
  while (true) {
    const std::size_t end = path.find('.');
    value.path.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  if (value.path.size() > max_body_depth || search.body.size() == max_body_values ||
      text.size() > max_text_bytes) {
    return fail(ErrorCode::invalid, "at most 5 body values, of 8 levels and 256 bytes");
  }
  search.body.push_back(std::move(value));
  return {};
}

const SearchRule* search_rule(std::string_view name) {
  const auto* const found = std::ranges::find(search_rules, name, &SearchRule::parameter);
  return found == search_rules.end() ? nullptr : found;
}

// Whether a search has a parameter of that name, which is then read.
Result<bool> read_search(std::string_view name, std::string_view text, EventSearch& search) {
  Result<void> read;
  if (const SearchRule* rule = search_rule(name); rule != nullptr) {
    if (!text.empty()) read = rule->read(name, text, search);
  } else if (name.starts_with(body_prefix) && name.size() > body_prefix.size()) {
    if (!text.empty()) read = read_body_value(name, text, search);
  } else {
    return false;
  }
  if (!read) return std::unexpected(read.error());
  return true;
}

Result<void> check_times(const EventSearch& search) {
  if (search.from && search.before && *search.from >= *search.before) {
    return fail(ErrorCode::invalid, "from must be before to");
  }
  return {};
}

std::unexpected<Error> unknown_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const FilterRule& rule : event_filter_rules()) known.push_back(rule.parameter);
  for (const SearchRule& rule : search_rules) known.push_back(rule.parameter);
  const auto near = nearest_name(name, known);
  return fail(ErrorCode::invalid, "filter has no \"" + std::string{name} + "\"",
              near ? "did you mean \"" + std::string{*near} + "\"?" : std::string{});
}

// The text of a filter's value, as a query would have it. Several are joined by commas.
Result<std::string> text_of(std::string_view name, const json::value& given) {
  if (given.is_null()) return std::string{};
  if (const auto* text = given.if_string(); text != nullptr) {
    return std::string{trimmed(*text)};
  }
  if (!given.is_structured()) return json::serialize(given);
  const auto* list = given.if_array();
  std::string joined;
  for (const json::value& one : list == nullptr ? json::array{} : *list) {
    if (!one.is_string()) list = nullptr;
    if (list == nullptr) break;
    joined += (joined.empty() ? "" : ",") + std::string{one.get_string()};
  }
  if (list != nullptr) return joined;
  return fail(ErrorCode::invalid,
              "filter." + std::string{name} + " must be a text or a list of them");
}

Result<void> read_member(std::string_view name, const json::value& given, EventSelection& filter) {
  const Result<std::string> text = text_of(name, given);
  if (!text) return std::unexpected(text.error());
  for (const FilterRule& rule : event_filter_rules()) {
    if (rule.parameter == name) return add_filter(rule, *text, filter.filters);
  }
  const Result<bool> is_known = read_search(name, *text, filter.search);
  if (!is_known) return std::unexpected(is_known.error());
  if (!*is_known) return unknown_name(name);
  return {};
}

}  // namespace

const std::vector<FilterRule>& event_filter_rules() {
  static const std::vector<FilterRule> rules{
      reference_filter<Trigger>("triggerId", "trigger"),
      id_filter<ConversationKind>("conversationId", "conversation"),
      reference_filter<Bot>("botId", "bot"),
      id_filter<ContactKind>("contactId", "contact"),
      choice_filter("state", run_state_names),
      choice_filter("source", event_source_names),
      text_filter("session", "session"),
      text_filter("idempotencyKey", "key")};
  return rules;
}

std::vector<Description::Parameter> event_search_parameters() {
  std::vector<Description::Parameter> parameters;
  parameters.reserve(search_rules.size());
  for (const SearchRule& rule : search_rules) {
    parameters.push_back({std::string{rule.parameter}, std::string{rule.about}});
  }
  return parameters;
}

Result<EventSearch> parse_event_search(const Query& query) {
  Problems problems;
  EventSearch search = read_event_search(query, problems);
  if (!problems.empty()) return std::unexpected(problems.error());
  return search;
}

EventSearch read_event_search(const Query& query, Problems& problems) {
  EventSearch search;
  std::unordered_set<std::string_view> seen;
  for (const Query::Pair& pair : query.pairs()) {
    if (!seen.insert(pair.name).second) continue;
    const auto read = read_search(pair.name, trimmed(pair.value), search);
    if (!read) problems.add(read.error());
  }
  if (const auto checked = check_times(search); !checked) problems.add(checked.error());
  return search;
}

Result<EventSelection> parse_event_filter(const json::object& given) {
  EventSelection filter;
  Problems problems;
  for (const auto& member : given) {
    const auto read = read_member(member.key(), member.value(), filter);
    if (!read) problems.add(read.error());
  }
  if (const auto checked = check_times(filter.search); !checked) problems.add(checked.error());
  if (!problems.empty()) return std::unexpected(problems.error());
  return filter;
}

}  // namespace bellpull
