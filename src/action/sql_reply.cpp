#include "action/sql_reply.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "database/query.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// ["id", "id"] is "id", "id_2".
std::vector<std::string> distinct(const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const std::string& column : columns) {
    std::string name = column;
    for (std::size_t i = 2; std::ranges::find(names, name) != names.end(); ++i) {
      name = fmt::format("{}_{}", column, i);
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::string_view to_string(QueryCause cause) {
  switch (cause) {
    case QueryCause::invalid:
      return "invalid";
    case QueryCause::unreachable:
      return "unreachable";
    case QueryCause::refused:
      return "refused";
    case QueryCause::timed_out:
      return "timeout";
    case QueryCause::canceled:
      return "canceled";
    case QueryCause::lost:
      return "connection_lost";
    case QueryCause::outcome_unknown:
      break;
  }
  return "outcome_unknown";
}

}  // namespace

ActionOutcome outcome_of(QueryReply reply) {
  const std::vector<std::string> names = distinct(reply.columns);
  json::array rows;
  rows.reserve(reply.rows.size());
  for (json::value& values : reply.rows) {
    json::object row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = std::move(values.as_array()[i]);
    rows.emplace_back(std::move(row));
  }
  json::object result;
  const std::size_t count = rows.size();
  if (!names.empty()) result["rows"] = std::move(rows);
  if (reply.affected) result["affected"] = *reply.affected;
  if (reply.truncated != Truncation::none) {
    result["truncated"] = fmt::format(
        "Only the first {} rows are here: more {} than one reply may have. Ask for "
        "fewer rows or columns.",
        count, reply.truncated == Truncation::rows ? "rows" : "bytes");
  }
  return {.result = std::move(result)};
}

ActionOutcome outcome_of(const QueryFailure& failure) {
  json::object result;
  const bool is_unknown = failure.cause == QueryCause::outcome_unknown;
  result["error"] = is_unknown ? "outcome_unknown" : failure.message;
  if (is_unknown) {
    result["message"] = failure.message;
  } else {
    result["cause"] = to_string(failure.cause);
  }
  if (!failure.sqlstate.empty()) result["sqlstate"] = failure.sqlstate;
  if (!failure.hint.empty()) result["hint"] = failure.hint;
  return {.result = std::move(result), .is_error = true, .outcome_unknown = is_unknown};
}

}  // namespace bellpull
