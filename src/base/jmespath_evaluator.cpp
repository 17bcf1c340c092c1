#include "base/jmespath_evaluator.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/jmespath_functions.h"
#include "base/jmespath_node.h"
#include "base/json_order.h"
#include "base/json_slice.h"
#include "base/query_budget.h"

namespace bellpull {

namespace json = boost::json;

const json::value& jmes_null() {
  static const json::value null;
  return null;
}

const json::value& jmes_bool(bool value) {
  static const json::value yes(true);
  static const json::value no(false);
  return value ? yes : no;
}

bool is_true_in_jmes(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return false;
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::string:
      return !value.get_string().empty();
    case json::kind::array:
      return !value.get_array().empty();
    case json::kind::object:
      return !value.get_object().empty();
    default:
      return true;
  }
}

const json::value& JmesEvaluator::evaluate(const JmesNode& node, const Value& current) {
  if (!pay(1)) return jmes_null();
  const auto child = [&](std::size_t which) -> const Value& {
    return evaluate(node.children[which], current);
  };
  switch (node.kind) {
    case JmesKind::current:
      // It outlives the result, as the header says.
      // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter)
      return current;
    case JmesKind::literal:
      return node.literal;
    case JmesKind::field: {
      const auto* object = current.if_object();
      const Value* const member = object == nullptr ? nullptr : object->if_contains(node.name);
      return member == nullptr ? jmes_null() : *member;
    }
    case JmesKind::index:
      return element(node, current);
    case JmesKind::slice:
      return slice(node.slice, current);
    case JmesKind::chain:
      return evaluate(node.children[1], child(0));
    case JmesKind::list_projection:
    case JmesKind::object_projection:
    case JmesKind::filter_projection:
      return project(node, current);
    case JmesKind::flatten:
      return flatten(child(0));
    case JmesKind::list:
      return list(node, current);
    case JmesKind::hash:
      return hash(node, current);
    case JmesKind::function:
      return function(node, current);
    case JmesKind::reference:
      return jmes_null();  // its function evaluates it
    case JmesKind::conjunction: {
      const Value& left = child(0);
      return is_true_in_jmes(left) ? child(1) : left;
    }
    case JmesKind::disjunction: {
      const Value& left = child(0);
      return is_true_in_jmes(left) ? left : child(1);
    }
    case JmesKind::negation:
      return jmes_bool(!is_true_in_jmes(child(0)));
    default:
      return compare(node, current);
  }
}

const json::value& JmesEvaluator::keep(Value value) {
  if (!pay(QueryBudget::steps_of_copy)) return jmes_null();
  return kept_.emplace_back(std::move(value));
}

void JmesEvaluator::add_copy(json::array& list, const Value& value) {
  if (failed()) return;
  if (budget_.spend_on_copy(value)) {
    list.push_back(value);
  } else {
    refuse(QueryBudget::refusal());
  }
}

const json::value& JmesEvaluator::refuse(std::string why) {
  if (!failed()) error_ = std::move(why);
  return jmes_null();
}

bool JmesEvaluator::pay(std::uint64_t steps) {
  if (failed()) return false;
  if (budget_.spend(steps)) return true;
  refuse(QueryBudget::refusal());
  return false;
}

const json::value& JmesEvaluator::element(const JmesNode& node, const Value& current) {
  const auto* array = current.if_array();
  if (array == nullptr) return jmes_null();
  const auto size = static_cast<std::int64_t>(array->size());
  const std::int64_t index = node.index < 0 ? node.index + size : node.index;
  if (index < 0 || index >= size) return jmes_null();
  return (*array)[static_cast<std::size_t>(index)];
}

const json::value& JmesEvaluator::slice(const JmesSlice& slice, const Value& current) {
  const auto* array = current.if_array();
  if (array == nullptr) return jmes_null();
  json::array result;
  for_each_in_slice(array->size(), slice.start, slice.stop, slice.step, [&](std::size_t index) {
    add_copy(result, (*array)[index]);
    return !failed();
  });
  return keep(std::move(result));
}

// What is null is left out; so is, for a filter, what does not pass.
const json::value& JmesEvaluator::project(const JmesNode& node, const Value& current) {
  const Value& base = evaluate(node.children[0], current);
  json::array result;
  const auto add = [&](const Value& element) {
    if (node.kind == JmesKind::filter_projection &&
        !is_true_in_jmes(evaluate(node.children[2], element))) {
      return;
    }
    const Value& one = evaluate(node.children[1], element);
    if (!one.is_null()) add_copy(result, one);
  };
  if (node.kind == JmesKind::object_projection) {
    const auto* object = base.if_object();
    if (object == nullptr) return jmes_null();
    for (auto at = object->begin(); at != object->end() && !failed(); ++at) add(at->value());
  } else {
    const auto* array = base.if_array();
    if (array == nullptr) return jmes_null();
    for (auto at = array->begin(); at != array->end() && !failed(); ++at) add(*at);
  }
  return keep(std::move(result));
}

const json::value& JmesEvaluator::flatten(const Value& value) {
  const auto* outer = value.if_array();
  if (outer == nullptr) return jmes_null();
  json::array result;
  for (auto at = outer->begin(); at != outer->end() && pay(1); ++at) {
    const auto* inner = at->if_array();
    if (inner == nullptr) {
      add_copy(result, *at);
      continue;
    }
    for (const Value& element : *inner) add_copy(result, element);
  }
  return keep(std::move(result));
}

const json::value& JmesEvaluator::list(const JmesNode& node, const Value& current) {
  if (current.is_null()) return jmes_null();
  json::array result;
  for (const JmesNode& child : node.children) add_copy(result, evaluate(child, current));
  return keep(std::move(result));
}

const json::value& JmesEvaluator::hash(const JmesNode& node, const Value& current) {
  if (current.is_null()) return jmes_null();
  json::object result;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    json::array one;
    add_copy(one, evaluate(node.children[i], current));
    if (failed() || !pay(1 + node.names[i].size() / 32)) return jmes_null();
    result[node.names[i]] = std::move(one.front());
  }
  return keep(std::move(result));
}

const json::value& JmesEvaluator::function(const JmesNode& node, const Value& current) {
  JmesCall call{.name = node.name, .evaluator = *this};
  for (const JmesNode& argument : node.children) {
    if (argument.kind == JmesKind::reference) {
      call.arguments.push_back({.reference = &argument.children.front()});
    } else {
      call.arguments.push_back({.value = &evaluate(argument, current)});
    }
  }
  return failed() ? jmes_null() : call_jmes_function(call);
}

// Only numbers have an order; between other values it is null.
const json::value& JmesEvaluator::compare(const JmesNode& node, const Value& current) {
  const Value& left = evaluate(node.children[0], current);
  const Value& right = evaluate(node.children[1], current);
  if (node.kind == JmesKind::equal || node.kind == JmesKind::unequal) {
    const bool equal = equal_json(left, right, budget_);
    if (!pay(1)) return jmes_null();
    return jmes_bool(equal == (node.kind == JmesKind::equal));
  }
  if (!left.is_number() || !right.is_number()) return jmes_null();
  const auto order = compare_numbers(left, right);
  switch (node.kind) {
    case JmesKind::less:
      return jmes_bool(order < 0);
    case JmesKind::less_or_equal:
      return jmes_bool(order <= 0);
    case JmesKind::greater:
      return jmes_bool(order > 0);
    default:
      return jmes_bool(order >= 0);
  }
}

}  // namespace bellpull
