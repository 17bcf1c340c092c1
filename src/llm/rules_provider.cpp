#include "llm/rules_provider.h"

#include <expected>
#include <string>
#include <utility>

#include "base/task.h"
#include "llm/provider.h"
#include "llm/rules_problem.h"
#include "llm/rules_program.h"
#include "llm/rules_run.h"
#include "llm/rules_turns.h"

namespace bellpull {

namespace {

std::unexpected<Failure> final_failure(std::string cause, std::string message) {
  return std::unexpected(Failure{.failure_class = FailureClass::final,
                                 .cause = std::move(cause),
                                 .message = std::move(message)});
}

}  // namespace

std::expected<ModelAnswer, Failure> rules_answer(const ModelRequest& request) {
  RulesTurns turns = read_rules_turns(request.turns);
  RulesProblems problems;
  const auto program = read_rules(turns.backstory, request.tools, problems);
  if (!program) {
    return final_failure(
        "bad_program", "The program in the bot's backstory can't be followed:\n" + problems.text());
  }
  if (turns.is_body_removed) {
    return final_failure("body_removed",
                         "The event's body was removed by retention, so that no rule can look at "
                         "it. Send the event again.");
  }
  auto answer = RulesRun(*program, std::move(turns)).answer();
  if (answer) answer->model = "builtin/rules";
  return answer;
}

Task<std::expected<ModelAnswer, Failure>> RulesProvider::complete(ModelRequest request) {
  co_return rules_answer(request);
}

}  // namespace bellpull
