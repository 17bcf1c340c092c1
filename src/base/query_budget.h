// What one query of a foreign JSON value may cost. A query is somebody's text and the value a
// stranger's, and a short query of a small value can ask for more than any machine has: every step
// and every copied byte is paid for before it is made.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

namespace bellpull {

class QueryBudget {
 public:
  // A tenth of a second, and some 50 MB at worst; enough for several passes over half a megabyte.
  static constexpr std::uint64_t max_steps = 2'000'000;
  // What a copied value costs, besides a step for each 32 bytes of text.
  static constexpr std::uint64_t steps_of_copy = 4;
  // As JSON; a reply has no more either.
  static constexpr std::size_t max_result_bytes = 512 * std::size_t{1024};

  // False when there is not so much left, from then on.
  bool spend(std::uint64_t steps);
  bool spend_on_text(std::size_t bytes) { return spend(1 + bytes / 32); }
  // What a copy of the value costs.
  bool spend_on_copy(const boost::json::value& value);
  bool is_spent() const { return left_ == 0; }

  static std::string refusal();

 private:
  std::uint64_t left_ = max_steps;
};

// Why the value can't be a query's result; empty: it can. It is to become part of a run: see
// base/json.h.
std::string refuse_result(const boost::json::value& value);

}  // namespace bellpull
