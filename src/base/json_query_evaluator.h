// Finds what a JSONPath query names. Finds less once the budget is spent: ask it before the result
// is used.
//
// Threads: one.
#pragma once

#include <vector>

#include <boost/json/value.hpp>

#include "base/json_query_node.h"
#include "base/query_budget.h"

namespace bellpull {

using QueryNodes = std::vector<const boost::json::value*>;

class QueryEvaluator {
 public:
  using Value = boost::json::value;

  // Both outlive it.
  QueryEvaluator(const Value& root, QueryBudget& budget) : root_(root), budget_(budget) {}

  // In document order; a value that is named twice is there twice.
  QueryNodes find(const QueryPath& path, const Value& current);

 private:
  // A value, a made one, or nothing.
  struct Operand {
    const Value* found = nullptr;
    Value made;
    const Value* get() const { return found != nullptr ? found : made.is_null() ? nullptr : &made; }
  };

  void select(const QuerySegment& segment, const Value& value, QueryNodes& result);
  void descend(const QuerySegment& segment, const Value& value, QueryNodes& result);
  void apply(const QuerySelector& selector, const Value& value, QueryNodes& result);
  void apply_to_array(const QuerySelector& selector, const Value& value, QueryNodes& result);
  void add(const Value& value, QueryNodes& result);

  bool holds(const QueryTest& test, const Value& current);
  bool compares(const QueryTest& test, const Value& current);
  bool is_matched(const QueryTest& test, const Value& current);
  Operand operand(const QueryTest& test, const Value& current);

  const Value& root_;
  QueryBudget& budget_;
};

}  // namespace bellpull
