#include "base/json_query_evaluator.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/i_regexp.h"
#include "base/json_order.h"
#include "base/json_query_node.h"
#include "base/json_slice.h"
#include "base/query_budget.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What compiling a pattern that is part of the value costs.
constexpr std::uint64_t steps_of_pattern = 20'000;

std::int64_t characters_of(const json::string& text) {
  return std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

json::value number(std::size_t count) { return json::value(static_cast<std::int64_t>(count)); }

// Only numbers and texts have an order.
bool is_less(const json::value& left, const json::value& right, QueryBudget& budget) {
  if (left.is_number() && right.is_number()) return compare_numbers(left, right) < 0;
  if (!left.is_string() || !right.is_string()) return false;
  return budget.spend_on_text(left.get_string().size()) && left.get_string() < right.get_string();
}

}  // namespace

QueryNodes QueryEvaluator::find(const QueryPath& path, const Value& current) {
  QueryNodes nodes{path.is_relative ? &current : &root_};
  for (const QuerySegment& segment : path.segments) {
    QueryNodes next;
    for (const Value* node : nodes) {
      if (budget_.is_spent()) return {};
      if (segment.descends) {
        descend(segment, *node, next);
      } else {
        select(segment, *node, next);
      }
    }
    nodes = std::move(next);
  }
  return nodes;
}

void QueryEvaluator::select(const QuerySegment& segment, const Value& value, QueryNodes& result) {
  for (const QuerySelector& selector : segment.selectors) {
    if (!budget_.spend(1)) return;
    apply(selector, value, result);
  }
}

void QueryEvaluator::descend(const QuerySegment& segment, const Value& value, QueryNodes& result) {
  select(segment, value, result);
  if (const auto* array = value.if_array()) {
    for (auto at = array->begin(); at != array->end() && budget_.spend(1); ++at) {
      descend(segment, *at, result);
    }
  } else if (const auto* object = value.if_object()) {
    for (auto at = object->begin(); at != object->end() && budget_.spend(1); ++at) {
      descend(segment, at->value(), result);
    }
  }
}

void QueryEvaluator::add(const Value& value, QueryNodes& result) {
  if (budget_.spend(1)) result.push_back(&value);
}

void QueryEvaluator::apply(const QuerySelector& selector, const Value& value, QueryNodes& result) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    if (value.is_array()) apply_to_array(selector, value, result);
    return;
  }
  if (selector.kind == SelectorKind::name) {
    const Value* const member = object->if_contains(selector.name);
    if (member != nullptr) add(*member, result);
    return;
  }
  if (selector.kind != SelectorKind::wildcard && selector.kind != SelectorKind::filter) return;
  for (auto at = object->begin(); at != object->end() && !budget_.is_spent(); ++at) {
    const bool passes = selector.filter.empty() || holds(selector.filter.front(), at->value());
    if (passes) add(at->value(), result);
  }
}

void QueryEvaluator::apply_to_array(const QuerySelector& selector, const Value& value,
                                    QueryNodes& result) {
  const json::array& array = value.get_array();
  if (selector.kind == SelectorKind::name) return;
  if (selector.kind == SelectorKind::index) {
    const auto size = static_cast<std::int64_t>(array.size());
    const std::int64_t index = selector.index < 0 ? selector.index + size : selector.index;
    if (index >= 0 && index < size) add(array[static_cast<std::size_t>(index)], result);
    return;
  }
  if (selector.kind == SelectorKind::slice) {
    if (selector.step == 0) return;
    for_each_in_slice(array.size(), selector.start, selector.stop, selector.step,
                      [&](std::size_t index) {
                        add(array[index], result);
                        return !budget_.is_spent();
                      });
    return;
  }
  for (auto at = array.begin(); at != array.end() && !budget_.is_spent(); ++at) {
    const bool passes = selector.filter.empty() || holds(selector.filter.front(), *at);
    if (passes) add(*at, result);
  }
}

bool QueryEvaluator::holds(const QueryTest& test, const Value& current) {
  if (!budget_.spend(1)) return false;
  const auto one = [&](const QueryTest& child) { return holds(child, current); };
  switch (test.kind) {
    case QueryKind::conjunction:
      return std::ranges::all_of(test.children, one);
    case QueryKind::disjunction:
      return std::ranges::any_of(test.children, one);
    case QueryKind::negation:
      return !holds(test.children.front(), current);
    case QueryKind::exists:
      return !find(test.path, current).empty();
    case QueryKind::match:
    case QueryKind::search:
      return is_matched(test, current);
    default:
      return compares(test, current);
  }
}

// Nothing is equal to nothing, and less than or more than no value.
bool QueryEvaluator::compares(const QueryTest& test, const Value& current) {
  const Operand left_operand = operand(test.children[0], current);
  const Operand right_operand = operand(test.children[1], current);
  const Value* const left = left_operand.get();
  const Value* const right = right_operand.get();
  const bool are_there = left != nullptr && right != nullptr;
  const auto equal = [&] { return are_there ? equal_json(*left, *right, budget_) : left == right; };
  const auto less = [&] { return are_there && is_less(*left, *right, budget_); };
  const auto more = [&] { return are_there && is_less(*right, *left, budget_); };
  switch (test.kind) {
    case QueryKind::equal:
      return equal();
    case QueryKind::unequal:
      return !equal();
    case QueryKind::less:
      return less();
    case QueryKind::less_or_equal:
      return less() || equal();
    case QueryKind::greater:
      return more();
    default:
      return more() || equal();
  }
}

bool QueryEvaluator::is_matched(const QueryTest& test, const Value& current) {
  const Operand subject = operand(test.children[0], current);
  if (subject.get() == nullptr || !subject.get()->is_string()) return false;
  std::optional<IRegexp> made;
  const IRegexp* pattern = test.pattern ? &*test.pattern : nullptr;
  if (pattern == nullptr) {
    const Operand text = operand(test.children[1], current);
    if (text.get() == nullptr || !text.get()->is_string()) return false;
    if (!budget_.spend(steps_of_pattern)) return false;
    auto parsed = IRegexp::parse(text.get()->get_string().subview());
    if (!parsed) return false;  // as the standard has it
    made = std::move(*parsed);
    pattern = &*made;
  }
  const auto text = subject.get()->get_string().subview();
  if (!budget_.spend(pattern->steps_for(text.size()))) return false;
  return test.kind == QueryKind::match ? pattern->matches(text) : pattern->is_within(text);
}

QueryEvaluator::Operand QueryEvaluator::operand(const QueryTest& test, const Value& current) {
  if (test.kind == QueryKind::literal) return {.found = &test.literal};
  if (test.kind == QueryKind::length) {
    const Operand of = operand(test.children.front(), current);
    const Value* const value = of.get();
    if (value == nullptr) return {};
    if (const auto* array = value->if_array()) return {.made = number(array->size())};
    if (const auto* object = value->if_object()) return {.made = number(object->size())};
    const auto* text = value->if_string();
    if (text == nullptr || !budget_.spend_on_text(text->size())) return {};
    return {.made = characters_of(*text)};
  }
  const QueryPath& path = test.kind == QueryKind::path ? test.path : test.children.front().path;
  const QueryNodes nodes = find(path, current);
  if (test.kind == QueryKind::count) return {.made = number(nodes.size())};
  if (nodes.size() != 1) return {};
  return {.found = nodes.front()};
}

}  // namespace bellpull
