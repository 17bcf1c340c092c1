// One run of a program, as far as its calls have results: it goes through the program from the
// beginning, takes the results that are there, and stops at the first call that has none.
//
// It keeps nothing: the same turns give the same answer, in whichever process (product.md, P4). A
// call has its number in the run as its id; one that has a result is never asked for again. When
// the calls that are recorded are not those that the program makes, it was changed meanwhile, and
// the run ends.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llm/provider.h"
#include "llm/rules_facts.h"
#include "llm/rules_problem.h"
#include "llm/rules_program.h"
#include "llm/rules_template.h"
#include "llm/rules_turns.h"

namespace bellpull {

// Lifetime: program and turns outlive it. Threads: one.
class RulesRun {
 public:
  RulesRun(const RulesProgram& program, RulesTurns turns);

  // Fails, finally, when the turns are not this program's.
  std::expected<ModelAnswer, Failure> answer();

 private:
  // Each gives whether the program goes on; else answer_ has its calls or failure_ is there.
  bool go_through(const std::vector<RulesRule>& rules);
  bool follow(const RulesRule& rule);
  bool make_calls(const RulesRule& rule);
  bool take_outcomes(const RulesRule& rule, std::vector<RulesOutcome> outcomes);
  bool write(const RulesRule& rule);

  // The call that is still to be made; nothing when it has a result, which is in `outcome`, or
  // when failure_ is there.
  std::optional<ToolCall> to_make(const RulesCall& call, const std::string& arguments,
                                  RulesOutcome& outcome);
  // Ends the run as it was decided.
  bool settle(std::string_view function, const std::string& reason);
  bool stop_at(const RulesProblem& problem);
  bool ask_for(std::vector<ToolCall> calls);
  void is_changed(const std::string& what);
  bool has_foreign_calls();
  std::string summary() const;

  const RulesProgram& program_;
  RulesTurns turns_;
  std::size_t calls_ = 0;    // gone through
  std::size_t records_ = 0;  // of them, taken
  std::size_t rules_ = 0;    // that applied
  std::string replies_;      // since the last answer
  RulesRoom reply_room_{max_written_bytes};
  ModelAnswer answer_;
  std::optional<Failure> failure_;
};

}  // namespace bellpull
