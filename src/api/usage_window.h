// The days that a usage request asks about, and what was used on them as the wire shows it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/routes.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/usage.h"
#include "http/request.h"

namespace bellpull {

// Days in UTC, both inclusive.
struct UsageDays {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

// `from` and `to` of the query: ISO dates or times, or ms. Without them the current month so far.
// Fails with `invalid`, also beyond a bit more than a year.
Result<UsageDays> month_or_asked(const RequestHead& request, TimePoint now);
// Without them the last 30 days; never more than the last 90.
Result<UsageDays> recent_or_asked(const RequestHead& request, TimePoint now);

// The same as instants, `to` exclusive; without them, all time.
struct UsageSpan {
  TimePoint from;
  TimePoint to;
};
Result<UsageSpan> all_or_asked(const RequestHead& request);

// By model, what belongs to no model under "".
using UsageByModel = std::map<std::string, UsageCounts, std::less<>>;
UsageCounts total_of(const UsageByModel& models);

// Millionths of the currency; null when no call had a price, but there were calls.
boost::json::value cost_value(const UsageCounts& counts);
// Everything that is counted, under its names.
void add_counts(boost::json::object& reply, const UsageCounts& counts, std::string_view currency);
// The same for each model, by name.
boost::json::array models_of(const UsageByModel& models);

// For the API's description.
boost::json::object usage_schema();
// Of what add_counts() adds, but for `cachedInputTokens`, which not everything has.
boost::json::object counts_schema();
std::vector<Description::Parameter> usage_parameters();

}  // namespace bellpull
