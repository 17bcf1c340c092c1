// The functions of JMESPath. To add one: a line in the table, its name in docs/actions.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/jmespath_evaluator.h"
#include "base/jmespath_node.h"

namespace bellpull {

// One of the two.
struct JmesArgument {
  const boost::json::value* value = nullptr;
  const JmesNode* reference = nullptr;  // what stands behind &
};

struct JmesCall {
  std::string_view name;
  JmesEvaluator& evaluator;
  std::vector<JmesArgument> arguments;

  const boost::json::value& value(std::size_t which) const { return *arguments[which].value; }
  // What the reference `which` gives for a value.
  const boost::json::value& apply(std::size_t which, const boost::json::value& value) const {
    return evaluator.evaluate(*arguments[which].reference, value);
  }
};

// Why there can't be such a call; empty: there can.
std::string refuse_jmes_call(const JmesNode& call);

// Of a call that is not refused. Refuses values of a type that the function does not take.
const boost::json::value& call_jmes_function(JmesCall& call);

}  // namespace bellpull
