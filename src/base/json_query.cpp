#include "base/json_query.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json_query_evaluator.h"
#include "base/json_query_node.h"
#include "base/json_query_parser.h"
#include "base/query_budget.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

bool QueryPath::is_singular() const {
  return std::ranges::all_of(segments, [](const QuerySegment& segment) {
    if (segment.descends || segment.selectors.size() != 1) return false;
    const SelectorKind kind = segment.selectors.front().kind;
    return kind == SelectorKind::name || kind == SelectorKind::index;
  });
}

Result<JsonQuery> JsonQuery::parse(std::string_view text) {
  if (text.size() > max_bytes) {
    return fail(ErrorCode::invalid, fmt::format("must be at most {} bytes", max_bytes));
  }
  auto path = parse_json_query(text);
  if (!path) return std::unexpected(std::move(path.error()));
  JsonQuery query;
  query.text_ = text;
  query.path_ = std::move(*path);
  return query;
}

Result<std::optional<json::value>> JsonQuery::search(const json::value& root) const {
  QueryBudget budget;
  QueryEvaluator evaluator(root, budget);
  const QueryNodes found = evaluator.find(path_, root);
  json::value result;
  const bool is_singular = path_.is_singular();
  if (!is_singular) result.emplace_array();
  for (const json::value* node : found) {
    if (!budget.spend_on_copy(*node)) break;
    if (is_singular) {
      result = *node;
    } else {
      result.get_array().push_back(*node);
    }
  }
  if (budget.is_spent()) return fail(ErrorCode::invalid, QueryBudget::refusal());
  if (is_singular && found.empty()) return std::nullopt;
  if (std::string refusal = refuse_result(result); !refusal.empty()) {
    return fail(ErrorCode::invalid, std::move(refusal));
  }
  return result;
}

}  // namespace bellpull
