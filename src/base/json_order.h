// Which JSON values are equal, and which number or text comes first. Numbers are compared by what
// they are worth (1 is 1.0), objects whatever the order of their members; Boost's own == does not.
#pragma once

#include <compare>

#include <boost/json/value.hpp>

#include "base/query_budget.h"

namespace bellpull {

// False, too, when the budget is spent.
bool equal_json(const boost::json::value& left, const boost::json::value& right,
                QueryBudget& budget);

// `left` and `right` are numbers. Whole numbers are compared exactly.
std::partial_ordering compare_numbers(const boost::json::value& left,
                                      const boost::json::value& right);

// A number as the JSON that says it shortest: whole ones as such, where a double holds them
// exactly.
boost::json::value number_of(double number);

}  // namespace bellpull
