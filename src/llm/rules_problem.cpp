#include "llm/rules_problem.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bellpull {

void RulesProblems::add(int line, std::string what) {
  problems_.push_back({line, std::move(what)});
}

std::string RulesProblems::text() const {
  std::vector<RulesProblem> sorted = problems_;
  std::ranges::stable_sort(sorted, {}, &RulesProblem::line);
  const std::size_t told = std::min(sorted.size(), most_told);
  std::string text;
  for (std::size_t i = 0; i < told; ++i) text += (i == 0 ? "" : "\n") + sorted[i].text();
  if (sorted.size() > told) {
    text += "\nand " + std::to_string(sorted.size() - told) + " more";
  }
  return text;
}

}  // namespace bellpull
