#include "api/usage_window.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/field_value.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/usage.h"
#include "http/query.h"
#include "http/request.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::int64_t default_days = 30;
constexpr std::int64_t recent_days = 90;
// Each day is a read of its own.
constexpr std::int64_t max_days = 400;
// Far beyond any clock, and far from the end of what can be reckoned with.
constexpr std::int64_t max_ms = 253'402'300'799'999;
constexpr std::int64_t cost_in_micros = 1000;

struct Asked {
  std::optional<TimePoint> from;
  std::optional<TimePoint> to;
  bool to_is_a_day = false;  // a date without a time, which means all of it
};

Result<std::optional<TimePoint>> read_instant(std::string_view name, std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (const auto time = parse_iso(text)) return time;
  std::int64_t ms = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (problem == std::errc{} && end == text.data() + text.size() && ms >= 0 && ms <= max_ms) {
    return from_ms(ms);
  }
  return fail(ErrorCode::invalid, std::string{name} + " must be a date such as 2026-01-31");
}

Result<Asked> read_asked(const RequestHead& request) {
  const Query query{request.query()};
  const std::string_view to_text = trimmed(query.find("to").value_or(""));
  const auto from = read_instant("from", trimmed(query.find("from").value_or("")));
  const auto to = read_instant("to", to_text);
  if (!from && !to) {
    return fail(ErrorCode::invalid, from.error().message + "; " + to.error().message);
  }
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  Asked asked{.from = *from, .to = *to, .to_is_a_day = to_text.size() == 10};
  if (asked.from && asked.to && *asked.from > *asked.to) {
    return fail(ErrorCode::invalid, "from must not be after to");
  }
  return asked;
}

std::int64_t first_of_month(TimePoint now) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(now)};
  return std::chrono::sys_days{date.year() / date.month() / 1}.time_since_epoch().count();
}

json::object with_counts(const UsageCounts& counts) {
  return {{"modelCalls", counts.model_calls},          {"inputTokens", counts.input_tokens},
          {"cachedInputTokens", counts.cached_tokens}, {"outputTokens", counts.output_tokens},
          {"costMicros", cost_value(counts)},          {"unpricedCalls", counts.unpriced_calls}};
}

}  // namespace

Result<UsageDays> month_or_asked(const RequestHead& request, TimePoint now) {
  const Result<Asked> asked = read_asked(request);
  if (!asked) return std::unexpected(asked.error());
  UsageDays days{.last = day_of(asked->to.value_or(now))};
  const auto from = asked->from;
  days.first = from ? day_of(*from) : first_of_month(start_of_day(days.last));
  if (days.first > days.last) return fail(ErrorCode::invalid, "from must not be in the future");
  if (days.last - days.first >= max_days) {
    return fail(ErrorCode::invalid, "from and to must be less than 400 days apart",
                "ask for a year at a time");
  }
  return days;
}

Result<UsageDays> recent_or_asked(const RequestHead& request, TimePoint now) {
  const Result<Asked> asked = read_asked(request);
  if (!asked) return std::unexpected(asked.error());
  const std::int64_t today = day_of(now);
  const std::int64_t oldest = today - recent_days + 1;
  const auto from = asked->from;
  UsageDays days{.last = std::min(today, day_of(asked->to.value_or(now)))};
  days.first = std::max(oldest, from ? day_of(*from) : days.last - default_days + 1);
  return days;
}

Result<UsageSpan> all_or_asked(const RequestHead& request) {
  const Result<Asked> asked = read_asked(request);
  if (!asked) return std::unexpected(asked.error());
  UsageSpan span{.from = asked->from.value_or(from_ms(0)), .to = from_ms(max_ms)};
  if (const auto to = asked->to) {
    span.to = *to + (asked->to_is_a_day ? Duration{std::chrono::days{1}} : Duration{1});
  }
  return span;
}

UsageCounts total_of(const UsageByModel& models) {
  UsageCounts total;
  for (const auto& [model, counts] : models) total += counts;
  return total;
}

json::value cost_value(const UsageCounts& counts) {
  if (counts.model_calls > 0 && counts.unpriced_calls == counts.model_calls) return nullptr;
  return (counts.cost + cost_in_micros / 2) / cost_in_micros;
}

void add_counts(json::object& reply, const UsageCounts& counts, std::string_view currency) {
  reply["runs"] = counts.runs;
  reply["actionCalls"] = counts.action_calls;
  for (const auto& member : with_counts(counts)) reply[member.key()] = member.value();
  reply["currency"] = currency;
}

json::array models_of(const UsageByModel& models) {
  json::array list;
  for (const auto& [model, counts] : models) {
    if (model.empty()) continue;
    json::object one{{"model", model}, {"tokens", counts.tokens()}};
    for (const auto& member : with_counts(counts)) one[member.key()] = member.value();
    list.push_back(std::move(one));
  }
  return list;
}

json::object counts_schema() {
  const json::object number = whole_number_schema();
  return object_schema({{"runs", number},
                        {"actionCalls", number},
                        {"modelCalls", number},
                        {"inputTokens", number},
                        {"outputTokens", number},
                        {"costMicros", or_null(number)},
                        {"unpricedCalls", number},
                        {"currency", text_schema()}});
}

json::object usage_schema() {
  const json::object number = whole_number_schema();
  json::object schema =
      object_schema({{"tokens", number},
                     {"conversations", number},
                     {"messages", number},
                     {"cachedInputTokens", number},
                     {"models", array_schema(object_schema({{"model", text_schema()},
                                                            {"tokens", number},
                                                            {"modelCalls", number},
                                                            {"inputTokens", number},
                                                            {"cachedInputTokens", number},
                                                            {"outputTokens", number},
                                                            {"costMicros", or_null(number)},
                                                            {"unpricedCalls", number}}))}});
  add_members(schema, counts_schema());
  return schema;
}

std::vector<Description::Parameter> usage_parameters() {
  return {{"from", "The first day, as an ISO date or in ms", text_schema()},
          {"to", "The last day, inclusive", text_schema()}};
}

}  // namespace bellpull
