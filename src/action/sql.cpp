#include "action/sql.h"

#include <string>
#include <utility>

#include "action/action.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "action/sql_reply.h"
#include "base/task.h"
#include "database/databases.h"
#include "database/query.h"

namespace bellpull {

namespace {

// An author who puts a placeholder between quotes gets a text that reads "$1", and no parameter.
bool is_about_parameters(const QueryFailure& failure) {
  constexpr const char* protocol_violation = "08P01";
  return failure.sqlstate == protocol_violation ||
         (failure.cause == QueryCause::invalid && failure.message.ends_with("and not used"));
}

}  // namespace

const ActionShape& SqlAction::shape() const {
  static const ActionShape shape{.main = "statement", .fields = {"database"}, .bound = "statement"};
  return shape;
}

bool SqlAction::is_idempotent(const ActionRequest& request) const {
  return !databases_.is_writable(InputFields{request.input}.text("database"));
}

Task<ActionOutcome> SqlAction::execute(ActionRequest request) {
  InputFields fields{request.input};
  BoundStatement statement{.database = fields.required_text("database"),
                           .text = fields.required_text("statement"),
                           .parameters = {},
                           .deadline = request.deadline};
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(problems);
  }
  if (const auto* given = fields.find("parameters"); given != nullptr && given->is_array()) {
    statement.parameters.assign(given->get_array().begin(), given->get_array().end());
  }
  QueryAnswer answer = co_await query(std::move(statement));
  if (answer) co_return outcome_of(std::move(*answer));
  if (is_about_parameters(answer.error())) {
    answer.error().hint = "write placeholders without quotes around them: name = $[name]";
  }
  co_return outcome_of(answer.error());
}

// Once more when a connection broke in a statement that only reads.
Task<QueryAnswer> SqlAction::query(BoundStatement statement) {
  QueryAnswer answer = co_await databases_.query(statement);
  const bool may_repeat = !answer && answer.error().cause == QueryCause::lost;
  if (may_repeat) answer = co_await databases_.query(std::move(statement));
  co_return answer;
}

}  // namespace bellpull
