#include "base/jmespath_list_functions.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/jmespath_evaluator.h"
#include "base/jmespath_functions.h"
#include "base/json_order.h"
#include "base/query_budget.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// An element, and the number or text that it is compared by.
struct Ranked {
  const json::value* value;
  const json::value* key;
};

// Both are numbers, or both texts, which are in the order of their characters.
bool comes_before(const Ranked& left, const Ranked& right) {
  if (const auto* text = left.key->if_string()) return *text < right.key->get_string();
  return compare_numbers(*left.key, *right.key) < 0;
}

// The elements of the list `call.value(0)`, each ranked by itself or by what the reference gives
// for it. Empty, and refused, when that is neither all numbers nor all texts.
std::vector<Ranked> rank(const JmesCall& call) {
  const bool by_reference = call.arguments.size() > 1;
  std::vector<Ranked> result;
  for (const json::value& value : call.value(0).get_array()) {
    const json::value& key = by_reference ? call.apply(1, value) : value;
    if (call.evaluator.failed()) return {};
    const json::value& first = result.empty() ? key : *result.front().key;
    const bool fits = key.is_number() ? first.is_number() : key.is_string() && first.is_string();
    if (!fits) {
      call.evaluator.refuse(fmt::format(
          "{}() needs a number for each element, or a text for each, from the expression behind &",
          call.name));
      return {};
    }
    result.push_back({&value, &key});
  }
  return result;
}

// False, and refused, when so many comparisons of each can't be paid for.
bool pay_for_comparisons(const JmesCall& call, const std::vector<Ranked>& ranked,
                         std::size_t of_each) {
  return std::ranges::all_of(ranked, [&](const Ranked& one) {
    const auto* text = one.key->if_string();
    return call.evaluator.pay(of_each * (1 + (text == nullptr ? 0 : text->size() / 32)));
  });
}

const json::value& sorted(const JmesCall& call) {
  std::vector<Ranked> ranked = rank(call);
  if (!pay_for_comparisons(call, ranked, std::bit_width(ranked.size()))) return jmes_null();
  // Equals stay in the order of the list; std::stable_sort would take memory of its own.
  std::ranges::sort(ranked, [](const Ranked& left, const Ranked& right) {
    if (comes_before(left, right)) return true;
    return !comes_before(right, left) && left.value < right.value;
  });
  json::array result;
  for (const Ranked& one : ranked) call.evaluator.add_copy(result, *one.value);
  return call.evaluator.keep(std::move(result));
}

const json::value& extreme(const JmesCall& call, bool largest) {
  const std::vector<Ranked> ranked = rank(call);
  if (ranked.empty() || !pay_for_comparisons(call, ranked, 1)) return jmes_null();
  const auto found = largest ? std::ranges::max_element(ranked, comes_before)
                             : std::ranges::min_element(ranked, comes_before);
  return *found->value;
}

// Whole as long as it can be.
json::value total(const json::array& numbers) {
  std::int64_t whole = 0;
  double sum = 0;
  bool is_whole = true;
  for (const json::value& number : numbers) {
    sum += number.to_number<double>();
    is_whole =
        is_whole && number.is_int64() && !__builtin_add_overflow(whole, number.get_int64(), &whole);
  }
  return is_whole ? json::value(whole) : number_of(sum);
}

}  // namespace

const json::value& jmes_sort(const JmesCall& call) { return sorted(call); }
const json::value& jmes_sort_by(const JmesCall& call) { return sorted(call); }
const json::value& jmes_max(const JmesCall& call) { return extreme(call, true); }
const json::value& jmes_max_by(const JmesCall& call) { return extreme(call, true); }
const json::value& jmes_min(const JmesCall& call) { return extreme(call, false); }
const json::value& jmes_min_by(const JmesCall& call) { return extreme(call, false); }

const json::value& jmes_avg(const JmesCall& call) {
  const json::array& numbers = call.value(0).get_array();
  if (numbers.empty()) return jmes_null();
  const double sum = total(numbers).to_number<double>();
  return call.evaluator.keep(number_of(sum / static_cast<double>(numbers.size())));
}

const json::value& jmes_sum(const JmesCall& call) {
  return call.evaluator.keep(total(call.value(0).get_array()));
}

const json::value& jmes_contains(const JmesCall& call) {
  const json::value& wanted = call.value(1);
  if (const auto* text = call.value(0).if_string()) {
    if (!call.evaluator.pay(1 + text->size() / 32)) return jmes_null();
    return jmes_bool(wanted.is_string() &&
                     text->subview().find(wanted.get_string().subview()) != json::string::npos);
  }
  QueryBudget& budget = call.evaluator.budget();
  const bool found = std::ranges::any_of(call.value(0).get_array(), [&](const json::value& one) {
    return equal_json(one, wanted, budget);
  });
  return call.evaluator.pay(1) ? jmes_bool(found) : jmes_null();
}

const json::value& jmes_join(const JmesCall& call) {
  const json::string& glue = call.value(0).get_string();
  std::string result;
  bool is_first = true;
  for (const json::value& one : call.value(1).get_array()) {
    const json::string& text = one.get_string();
    if (!call.evaluator.pay(1 + (glue.size() + text.size()) / 32)) return jmes_null();
    if (!is_first) result += glue.subview();
    result += text.subview();
    is_first = false;
  }
  return call.evaluator.keep(json::value(result));
}

const json::value& jmes_keys(const JmesCall& call) {
  json::array result;
  for (const auto& member : call.value(0).get_object()) {
    if (!call.evaluator.pay(QueryBudget::steps_of_copy + member.key().size() / 32)) break;
    result.emplace_back(member.key());
  }
  return call.evaluator.keep(std::move(result));
}

const json::value& jmes_values(const JmesCall& call) {
  json::array result;
  for (const auto& member : call.value(0).get_object()) {
    call.evaluator.add_copy(result, member.value());
  }
  return call.evaluator.keep(std::move(result));
}

const json::value& jmes_map(const JmesCall& call) {
  json::array result;
  for (const json::value& one : call.value(1).get_array()) {
    if (call.evaluator.failed()) break;
    call.evaluator.add_copy(result, call.apply(0, one));
  }
  return call.evaluator.keep(std::move(result));
}

const json::value& jmes_merge(const JmesCall& call) {
  json::object result;
  for (const JmesArgument& argument : call.arguments) {
    for (const auto& member : argument.value->get_object()) {
      const bool paid = call.evaluator.pay(1 + member.key().size() / 32);
      json::array one;
      call.evaluator.add_copy(one, member.value());
      if (!paid || call.evaluator.failed()) return jmes_null();
      result[member.key()] = std::move(one.front());
    }
  }
  return call.evaluator.keep(std::move(result));
}

const json::value& jmes_to_array(const JmesCall& call) {
  if (call.value(0).is_array()) return call.value(0);
  json::array result;
  call.evaluator.add_copy(result, call.value(0));
  return call.evaluator.keep(std::move(result));
}

}  // namespace bellpull
