#include "base/query_budget.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// At least as many bytes as the value has as JSON, but for escapes; counts no further than `most`.
std::size_t bytes_of(const json::value& value, std::size_t most) {
  if (const auto* text = value.if_string()) return text->size() + 2;
  std::size_t bytes = 2;
  if (const auto* array = value.if_array()) {
    for (const json::value& element : *array) {
      if (bytes > most) break;
      bytes += 1 + bytes_of(element, most - bytes);
    }
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      if (bytes > most) break;
      bytes += name.size() + 4 + bytes_of(member, most - bytes);
    }
  }
  return bytes;
}

bool is_deeper(const json::value& value, std::size_t levels) {
  if (const auto* array = value.if_array()) {
    if (levels == 0) return true;
    for (const json::value& element : *array) {
      if (is_deeper(element, levels - 1)) return true;
    }
  } else if (const auto* object = value.if_object()) {
    if (levels == 0) return true;
    for (const auto& member : *object) {
      if (is_deeper(member.value(), levels - 1)) return true;
    }
  }
  return false;
}

// As a sum can become, and as 1e999 is read. `value` is not deep.
bool has_infinity(const json::value& value) {
  if (value.is_double()) return !std::isfinite(value.get_double());
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_infinity);
  const auto* object = value.if_object();
  return object != nullptr && std::ranges::any_of(*object, [](const auto& member) {
           return has_infinity(member.value());
         });
}

}  // namespace

bool QueryBudget::spend(std::uint64_t steps) {
  left_ = steps < left_ ? left_ - steps : 0;
  return left_ > 0;
}

bool QueryBudget::spend_on_copy(const json::value& value) {
  if (!spend(steps_of_copy)) return false;
  if (const auto* text = value.if_string()) return spend_on_text(text->size());
  if (const auto* array = value.if_array()) {
    for (const json::value& element : *array) {
      if (!spend_on_copy(element)) return false;
    }
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      if (!spend_on_text(name.size()) || !spend_on_copy(member)) return false;
    }
  }
  return true;
}

std::string QueryBudget::refusal() {
  return fmt::format(
      "takes more than {} steps on this value; ask for less of it, or in fewer stages", max_steps);
}

std::string refuse_result(const json::value& value) {
  if (is_deeper(value, max_foreign_depth)) {
    return fmt::format("gives a value that is nested deeper than {} levels", max_foreign_depth);
  }
  if (bytes_of(value, QueryBudget::max_result_bytes) > QueryBudget::max_result_bytes) {
    return fmt::format("gives more than {} KiB; ask for less of it",
                       QueryBudget::max_result_bytes / 1024);
  }
  if (has_infinity(value)) return "gives a number that is too large to be written";
  return {};
}

}  // namespace bellpull
