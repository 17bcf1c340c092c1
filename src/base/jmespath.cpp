#include "base/jmespath.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/jmespath_evaluator.h"
#include "base/jmespath_parser.h"
#include "base/query_budget.h"
#include "base/result.h"

namespace bellpull {

Result<JmesPath> JmesPath::parse(std::string_view text) {
  if (text.size() > max_bytes) {
    return fail(ErrorCode::invalid, fmt::format("must be at most {} bytes", max_bytes));
  }
  auto root = parse_jmespath(text);
  if (!root) return std::unexpected(std::move(root.error()));
  JmesPath path;
  path.text_ = text;
  path.root_ = std::move(*root);
  return path;
}

Result<boost::json::value> JmesPath::search(const boost::json::value& root) const {
  QueryBudget budget;
  JmesEvaluator evaluator(budget);
  const boost::json::value& found = evaluator.evaluate(root_, root);
  if (evaluator.failed()) return fail(ErrorCode::invalid, evaluator.error());
  if (std::string refusal = refuse_result(found); !refusal.empty()) {
    return fail(ErrorCode::invalid, std::move(refusal));
  }
  return boost::json::value(found);
}

}  // namespace bellpull
