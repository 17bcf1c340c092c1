#include "llm/rules_problem.h"

#include <cstddef>
#include <string>
#include <utility>

namespace bellpull {

void RulesProblems::add(int line, std::string what) { problems_.emplace(line, std::move(what)); }

std::string RulesProblems::text() const {
  std::string text;
  std::size_t told = 0;
  for (const auto& [line, what] : problems_) {
    if (told++ == most_told) {
      return text + "\nand " + std::to_string(problems_.size() - most_told) + " more";
    }
    text += (text.empty() ? "" : "\n") + RulesProblem{line, what}.text();
  }
  return text;
}

}  // namespace bellpull
