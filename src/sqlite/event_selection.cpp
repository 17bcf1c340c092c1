#include "sqlite/event_selection.h"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/event_search.h"
#include "store/list.h"

namespace bellpull {

namespace json = boost::json;

namespace {

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::optional<std::int64_t> ms_of(const std::optional<TimePoint>& time) {
  if (!time) return std::nullopt;
  return to_ms(*time);
}

std::optional<TimePoint> time_of(const std::optional<std::int64_t>& ms) {
  if (!ms) return std::nullopt;
  return from_ms(*ms);
}

json::object json_of(const Filter& filter) {
  json::array any_of;
  for (const auto& value : filter.any_of) {
    std::visit([&](const auto& one) { any_of.emplace_back(one); }, value);
  }
  return {{"field", filter.field}, {"anyOf", std::move(any_of)}};
}

json::object json_of(const BodyValue& value) {
  json::array path;
  for (const std::string& key : value.path) path.emplace_back(key);
  return {{"path", std::move(path)}, {"value", value.value}};
}

template <class T>
json::array array_of(const std::vector<T>& values) {
  json::array array;
  for (const T& value : values) array.emplace_back(json_of(value));
  return array;
}

std::optional<std::int64_t> number_at(const json::object& object, std::string_view name) {
  const json::value& value = object.at(name);
  if (value.is_null()) return std::nullopt;
  return value.as_int64();
}

std::string text_at(const json::object& object, std::string_view name) {
  return std::string{object.at(name).as_string()};
}

Filter filter_of(const json::object& object) {
  Filter filter{.field = text_at(object, "field")};
  for (const json::value& value : object.at("anyOf").as_array()) {
    if (value.is_string()) {
      filter.any_of.emplace_back(std::string{value.get_string()});
    } else {
      filter.any_of.emplace_back(value.as_int64());
    }
  }
  return filter;
}

BodyValue body_value_of(const json::object& object) {
  BodyValue value{.value = text_at(object, "value")};
  for (const json::value& key : object.at("path").as_array()) {
    value.path.emplace_back(key.as_string());
  }
  return value;
}

EventSearch search_of(const json::object& object) {
  EventSearch search{.from = time_of(number_at(object, "from")),
                     .before = time_of(number_at(object, "before")),
                     .min_attempts = number_at(object, "minAttempts"),
                     .min_duration_ms = number_at(object, "minDurationMs"),
                     .contact = text_at(object, "contact"),
                     .reason = text_at(object, "reason"),
                     .error = text_at(object, "error"),
                     .text = text_at(object, "text")};
  if (const auto until = number_at(object, "until")) search.until = EventId{*until};
  const json::value& has_conversation = object.at("hasConversation");
  if (!has_conversation.is_null()) search.has_conversation = has_conversation.as_bool();
  // A job from before there was the filter has none.
  const json::value* const has_unknown = object.if_contains("unknownOutcomes");
  if (has_unknown != nullptr && has_unknown->is_bool())
    search.has_unknown = has_unknown->get_bool();
  for (const json::value& value : object.at("body").as_array()) {
    search.body.push_back(body_value_of(value.as_object()));
  }
  return search;
}

}  // namespace

std::string to_text(const EventSelection& selection) {
  const EventSearch& search = selection.search;
  std::optional<std::int64_t> until;
  if (search.until) until = search.until->value;
  return json::serialize(json::object{{"filters", array_of(selection.filters)},
                                      {"from", or_null(ms_of(search.from))},
                                      {"before", or_null(ms_of(search.before))},
                                      {"until", or_null(until)},
                                      {"minAttempts", or_null(search.min_attempts)},
                                      {"minDurationMs", or_null(search.min_duration_ms)},
                                      {"hasConversation", or_null(search.has_conversation)},
                                      {"unknownOutcomes", or_null(search.has_unknown)},
                                      {"contact", search.contact},
                                      {"reason", search.reason},
                                      {"error", search.error},
                                      {"text", search.text},
                                      {"body", array_of(search.body)}});
}

EventSelection parse_selection(std::string_view text) {
  const auto object = read_stored(text);
  if (!object) throw std::runtime_error("a job's selection cannot be read");
  EventSelection selection{.search = search_of(*object)};
  for (const json::value& filter : object->at("filters").as_array()) {
    selection.filters.push_back(filter_of(filter.as_object()));
  }
  return selection;
}

}  // namespace bellpull
