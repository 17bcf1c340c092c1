// What is wrong in a program of builtin/rules, or in what it meets, and in which line.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <string>
#include <utility>

namespace bellpull {

struct RulesProblem {
  int line = 0;      // of the backstory, from 1
  std::string what;  // a sentence without a full stop; says what would be right

  std::string text() const { return "line " + std::to_string(line) + ": " + what; }
};

// A value, or the problem that a run meets while it is made.
template <class T>
using RulesResult = std::expected<T, RulesProblem>;

inline std::unexpected<RulesProblem> rules_fault(int line, std::string what) {
  return std::unexpected(RulesProblem{line, std::move(what)});
}

// All problems of a program, told at once.
class RulesProblems {
 public:
  void add(int line, std::string what);

  bool empty() const { return problems_.empty(); }
  // One line each, by their lines; the first 20 and how many there are beside them.
  std::string text() const;

 private:
  static constexpr std::size_t most_told = 20;

  std::multimap<int, std::string> problems_;  // by line; those of one line as they were found
};

}  // namespace bellpull
