#include "dataset/meta_conditions.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/kind.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 6> operators{"$eq", "$ne", "$gt", "$gte", "$lt", "$lte"};

bool is_scalar(const json::value& value) { return !value.is_structured(); }

// A member of that name, or what a path leads to; null when there is neither.
const json::value* find(const json::object& meta, std::string_view key) {
  if (const json::value* exact = meta.if_contains(key)) return exact;
  const json::object* at = &meta;
  while (true) {
    const std::size_t dot = key.find('.');
    const json::value* found = at->if_contains(key.substr(0, dot));
    if (found == nullptr || dot == std::string_view::npos) return found;
    if (!found->is_object()) return nullptr;
    at = &found->get_object();
    key.remove_prefix(dot + 1);
  }
}

// Unordered when the two are of different kinds, or have no order.
std::partial_ordering compare(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number()) {
    if (left.is_int64() && right.is_int64()) return left.get_int64() <=> right.get_int64();
    return left.to_number<double>() <=> right.to_number<double>();
  }
  if (left.is_string() && right.is_string()) {
    return std::string_view{left.get_string()} <=> std::string_view{right.get_string()};
  }
  const bool same = left.kind() == right.kind() && is_scalar(left) && left == right;
  return same ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
}

}  // namespace

Result<MetaConditions> MetaConditions::parse(const json::object& filter) {
  MetaConditions parsed;
  std::string problems;
  const auto complain = [&](std::string problem) {
    problems += (problems.empty() ? "" : "; ") + std::move(problem);
  };
  const auto add = [&](std::string_view key, std::string_view word, const json::value& value) {
    const std::string name = "filter." + std::string{key};
    const auto found = std::ranges::find(operators, word);
    if (found == operators.end()) {
      complain(name + ": unknown operator " + std::string{word} +
               " (known are $eq, $ne, $gt, $gte, $lt and $lte)");
      return;
    }
    const auto is = static_cast<Operator>(found - operators.begin());
    const bool orders = is != Operator::equal && is != Operator::not_equal;
    if (!is_scalar(value) || (orders && !value.is_number() && !value.is_string())) {
      complain(name + ": " + std::string{word} + " takes " +
               (orders ? "a number or a text" : "a text, a number, true, false or null"));
      return;
    }
    parsed.conditions_.push_back({std::string{key}, is, value});
  };
  for (const auto& [key, value] : filter) {
    if (!value.is_object()) {
      add(key, "$eq", value);
      continue;
    }
    if (value.get_object().empty()) complain("filter." + std::string{key} + " has no operator");
    for (const auto& [word, operand] : value.get_object()) add(key, word, operand);
  }
  if (parsed.conditions_.size() > max_meta_conditions) {
    complain("filter must have at most " + std::to_string(max_meta_conditions) + " conditions");
  }
  if (!problems.empty()) return fail(ErrorCode::invalid, problems);
  return parsed;
}

bool MetaConditions::hold(std::string_view meta) const {
  if (conditions_.empty()) return true;
  const json::object members = parse_stored(meta);
  return std::ranges::all_of(conditions_,
                             [&](const Condition& condition) { return holds(condition, members); });
}

bool MetaConditions::holds(const Condition& condition, const json::object& meta) {
  const json::value* found = find(meta, condition.key);
  const std::partial_ordering order =
      compare(found != nullptr ? *found : json::value(nullptr), condition.value);
  switch (condition.is) {
    case Operator::equal:
      return order == std::partial_ordering::equivalent;
    case Operator::not_equal:
      return order != std::partial_ordering::equivalent;
    case Operator::greater:
      return order > 0;
    case Operator::at_least:
      return order >= 0;
    case Operator::less:
      return order < 0;
    case Operator::at_most:
      return order <= 0;
  }
  return false;
}

}  // namespace bellpull
