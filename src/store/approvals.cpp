#include "store/approvals.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/result.h"
#include "base/time.h"
#include "domain/approval.h"
#include "domain/log_item.h"
#include "domain/run.h"
#include "store/list.h"
#include "store/run_references.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

std::optional<Approval> find_call(const Transaction& rows, const Approval& wanted) {
  const ListQuery query{.account = wanted.account,
                        .page = {.take = 1},
                        .filters = {{.field = "call", .any_of = {wanted.call_key}}}};
  std::vector<Approval> found = rows.approvals().list(query);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::unexpected<Error> no_longer_pending(const Approval& approval, ApprovalState state) {
  const std::string hint = "approval/" + approval.id.text() + "/fetch says how";
  switch (state) {
    case ApprovalState::expired:
      return fail(ErrorCode::conflict, "The time to decide this approval is over", hint);
    case ApprovalState::voided:
      return fail(ErrorCode::conflict, "The run that asked for this approval has ended",
                  "run/" + approval.run.text() + "/fetch says how");
    case ApprovalState::approved:
    case ApprovalState::refused:
    case ApprovalState::pending:
      break;
  }
  const bool approved = state == ApprovalState::approved;
  return fail(ErrorCode::conflict,
              approved ? "This approval was approved already" : "This approval was refused already",
              hint);
}

}  // namespace

LogItem approval_entry(const Transaction& rows, const Approval& approval, std::string_view type,
                       TimePoint now) {
  return {.account = approval.account,
          .type = std::string{type},
          .about = references_of_run(rows, approval.trigger.key, approval.conversation),
          .run = approval.run,
          .created_at = now};
}

Result<Approval> ask_approval(Transaction& rows, Approval wanted, TimePoint now) {
  if (std::optional<Approval> asked = find_call(rows, wanted)) {
    const ApprovalState state = state_at(*asked, now);
    if (state == asked->state) return std::move(*asked);
    asked->state = state;
    if (auto kept = rows.approvals().update(*asked); !kept) return std::unexpected(kept.error());
    return std::move(*asked);
  }
  const auto found = rows.runs().find(wanted.run, RunStore::Body::without);
  if (!found || !is_pending(found->run.state)) {
    return fail(ErrorCode::conflict, "The run has ended");
  }
  if (auto kept = rows.approvals().add(wanted); !kept) return std::unexpected(kept.error());
  LogItem entry = approval_entry(rows, wanted, "approval.create", now);
  entry.meta = boost::json::serialize(boost::json::object{{"approvalId", wanted.id.text()}});
  rows.log().add(entry);
  return wanted;
}

Result<Approval> decide_approval(Transaction& rows, Approval approval, const Decision& decision,
                                 TimePoint now) {
  const ApprovalState state = state_at(approval, now);
  if (state != ApprovalState::pending) return no_longer_pending(approval, state);
  approval.state = decision.approve ? ApprovalState::approved : ApprovalState::refused;
  approval.decided_at = now;
  approval.decided_by = decision.by;
  approval.decider_name = decision.by_name;
  approval.note = decision.note;
  if (auto kept = rows.approvals().update(approval); !kept) return std::unexpected(kept.error());
  rows.runs().wake(approval.run, now);
  return approval;
}

}  // namespace bellpull
