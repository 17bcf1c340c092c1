#include "api/run_figures.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/schema.h"
#include "base/time.h"
#include "domain/run.h"
#include "store/event_search.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// A clock that was set back made no negative wait.
std::int64_t ms_between(TimePoint from, TimePoint to) {
  return std::max<std::int64_t>(0, to_ms(to) - to_ms(from));
}

// The least value that `percent` of all are not above; null of none.
json::value percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  if (sorted.empty()) return nullptr;
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

json::object spread_of(std::vector<std::int64_t> values) {
  std::ranges::sort(values);
  return {{"p50", percentile(values, 50)},
          {"p95", percentile(values, 95)},
          {"p99", percentile(values, 99)},
          {"max", percentile(values, 100)}};
}

}  // namespace

void RunFigures::add(std::span<const RunTimes> runs) {
  total_ += runs.size();
  for (const RunTimes& run : runs) {
    ++states_.at(static_cast<std::size_t>(run.state));
    if (!run.started_at) continue;
    delays_ms_.push_back(ms_between(run.received_at, *run.started_at));
    if (run.ended_at) durations_ms_.push_back(ms_between(*run.started_at, *run.ended_at));
  }
}

json::object RunFigures::schema() {
  json::object states = object_schema({});
  for (const std::string_view name : run_state_names) {
    add_members(states, object_schema({{name, whole_number_schema()}}));
  }
  const json::object number = or_null(whole_number_schema());
  const json::object spread =
      object_schema({{"p50", number}, {"p95", number}, {"p99", number}, {"max", number}});
  return object_schema({{"total", whole_number_schema()},
                        {"states", std::move(states)},
                        {"queueDelayMs", spread},
                        {"runDurationMs", spread}});
}

json::object RunFigures::render() const {
  json::object states;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states[run_state_name(static_cast<RunState>(i))] = states_.at(i);
  }
  return {{"total", total_},
          {"states", std::move(states)},
          {"queueDelayMs", spread_of(delays_ms_)},
          {"runDurationMs", spread_of(durations_ms_)}};
}

}  // namespace bellpull
