#include "action/memory_scope.h"

#include <string>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/memory.h"
#include "store/transaction.h"

namespace bellpull {

MemoryScope memory_scope(InputFields& fields, const ActionRequest& request) {
  const CallContext& context = request.context;
  const std::string wanted = fields.text("scope");
  const bool of_contact =
      wanted == "contact" || (wanted.empty() && context.contact && !is_strangers(request));
  MemoryScope scope{.account = context.account};
  if (!wanted.empty() && wanted != "contact" && wanted != "bot") {
    fields.add_problem("scope must be contact or bot");
  } else if (of_contact && is_strangers(request)) {
    fields.add_problem(
        "scope must be bot: an ability of another account has no memories of "
        "contacts");
  } else if (of_contact && !context.contact) {
    fields.add_problem("scope must be bot: this run has no contact");
  } else if (of_contact && context.from_anybody) {
    fields.add_problem(
        "scope must be bot: this run's contact is only claimed, because its trigger, or the one "
        "that led to it, takes events without a secret (authenticate: false)");
  } else if (of_contact) {
    scope.subject = context.contact->key.value;
  } else if (context.bot) {
    scope.of = MemoryOf::bot;
    scope.subject = context.bot->key.value;
  } else {
    fields.add_problem("memories are of a run's contact or bot: this call is of no run");
  }
  return scope;
}

Result<MemoryScope> present_scope(const Transaction& rows, MemoryScope scope) {
  if (scope.of == MemoryOf::bot) {
    if (rows.bots().find(BotKey{scope.subject})) return scope;
    return fail(ErrorCode::not_found, "The bot of this run was deleted, and its memories with it");
  }
  if (rows.contacts().find(ContactKey{scope.subject})) return scope;
  const auto into = rows.contact_records().merged_into(ContactKey{scope.subject});
  if (!into || !rows.contacts().find(*into)) {
    return fail(ErrorCode::not_found,
                "The contact of this run was deleted, and what was remembered of it");
  }
  scope.subject = into->value;
  return scope;
}

}  // namespace bellpull
