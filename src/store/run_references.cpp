#include "store/run_references.h"

#include <optional>

#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "store/transaction.h"

namespace bellpull {

LogReferences references_of_run(const Transaction& rows, TriggerKey trigger,
                                const std::optional<ConversationId>& conversation) {
  LogReferences about;
  if (const auto found = rows.triggers().find(trigger)) about = references_of(*found);
  if (!conversation) return about;
  about.conversation = conversation;
  if (const auto found = rows.conversations().find(*conversation)) {
    refer(about, found->bot);
    refer(about, found->contact);
  }
  return about;
}

}  // namespace bellpull
