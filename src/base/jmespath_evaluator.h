// Evaluates a JMESPath expression. What it gives is part of the value, of the expression, or is
// kept here: everything made on the way lives until the evaluator does not, which the budget
// bounds.
//
// The first failure ends it: from then on everything is null and nothing more is done.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/jmespath_node.h"
#include "base/query_budget.h"

namespace bellpull {

class JmesEvaluator {
 public:
  // `budget` outlives it.
  explicit JmesEvaluator(QueryBudget& budget) : budget_(budget) {}
  JmesEvaluator(const JmesEvaluator&) = delete;
  JmesEvaluator& operator=(const JmesEvaluator&) = delete;

  using Value = boost::json::value;

  // `node` and `current` outlive the result.
  const Value& evaluate(const JmesNode& node, const Value& current);

  // For functions: a new value, a copy in a list, and why there is none.
  const Value& keep(Value value);
  void add_copy(boost::json::array& list, const Value& value);
  const Value& refuse(std::string why);
  // False, and refused, when it can't be paid for.
  bool pay(std::uint64_t steps);
  QueryBudget& budget() { return budget_; }

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }

 private:
  const Value& element(const JmesNode& node, const Value& current);
  const Value& slice(const JmesSlice& slice, const Value& current);
  const Value& project(const JmesNode& node, const Value& current);
  const Value& flatten(const Value& value);
  const Value& list(const JmesNode& node, const Value& current);
  const Value& hash(const JmesNode& node, const Value& current);
  const Value& function(const JmesNode& node, const Value& current);
  const Value& compare(const JmesNode& node, const Value& current);

  QueryBudget& budget_;
  std::deque<Value> kept_;
  std::string error_;
};

// Everything but null, false, and an empty text, list or object.
bool is_true_in_jmes(const boost::json::value& value);

// For what is true, false and nothing.
const boost::json::value& jmes_null();
const boost::json::value& jmes_bool(bool value);

}  // namespace bellpull
