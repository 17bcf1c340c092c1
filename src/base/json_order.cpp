#include "base/json_order.h"

#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/query_budget.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr double largest_exact = 9007199254740992.0;  // 2^53

bool equal_arrays(const json::array& left, const json::array& right, QueryBudget& budget) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!equal_json(left[i], right[i], budget)) return false;
  }
  return true;
}

bool equal_objects(const json::object& left, const json::object& right, QueryBudget& budget) {
  if (left.size() != right.size()) return false;
  for (const auto& [name, value] : left) {
    if (!budget.spend_on_text(name.size())) return false;
    const json::value* const other = right.if_contains(name);
    if (other == nullptr || !equal_json(value, *other, budget)) return false;
  }
  return true;
}

}  // namespace

bool equal_json(const json::value& left, const json::value& right, QueryBudget& budget) {
  if (!budget.spend(1)) return false;
  if (left.is_number() && right.is_number()) {
    return compare_numbers(left, right) == std::partial_ordering::equivalent;
  }
  if (left.kind() != right.kind()) return false;
  if (const auto* text = left.if_string()) {
    return budget.spend_on_text(text->size()) && *text == right.get_string();
  }
  if (const auto* array = left.if_array()) return equal_arrays(*array, right.get_array(), budget);
  if (const auto* object = left.if_object()) {
    return equal_objects(*object, right.get_object(), budget);
  }
  return left.is_null() || left.get_bool() == right.get_bool();
}

std::partial_ordering compare_numbers(const json::value& left, const json::value& right) {
  if (left.is_double() || right.is_double()) {
    return left.to_number<double>() <=> right.to_number<double>();
  }
  if (left.is_uint64() && right.is_uint64()) return left.get_uint64() <=> right.get_uint64();
  // An unsigned number is only used for what no signed one holds.
  if (left.is_uint64()) return std::partial_ordering::greater;
  if (right.is_uint64()) return std::partial_ordering::less;
  return left.get_int64() <=> right.get_int64();
}

json::value number_of(double number) {
  if (std::abs(number) <= largest_exact && std::trunc(number) == number) {
    return json::value(static_cast<std::int64_t>(number));
  }
  return json::value(number);
}

}  // namespace bellpull
