// Approvals: the questions that runs ask people, and the answers by whoever has a token. Those by a
// link have a door of their own (approval_route.h).
//
//   approval/list, approval/{id}/fetch, approval/{id}/decide
//
// Threads: any; constant after construction.
#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/json/object.hpp>

#include "api/approval_links.h"
#include "api/call.h"
#include "api/list_reply.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/approval.h"
#include "http/response.h"
#include "store/approvals.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

inline constexpr std::size_t max_note_characters = 2'000;

// Decides, with the entry in the event log. Fails with `conflict`
// when there is nothing left to decide.
Result<Approval> decide_and_log(Transaction& rows, const LogAuthor& author, Approval approval,
                                const Decision& decision, TimePoint now);

class Approvals {
 public:
  Approvals(Store& store, const Clock& clock, const ApprovalLinks& links)
      : store_(store), clock_(clock), links_(links) {}
  void add_routes(Routes& routes);

 private:
  // A link decides, so only who may decide is shown it.
  enum class Shown : std::uint8_t { with_link, without_link };
  static Shown shown_to(const Call& call);

  Task<Response> list(Call call);
  Task<Response> fetch(Call call);
  Task<Response> decide(Call call);
  Task<Result<ListPage>> read_page(ListQuery query, Page page, View view, Shown shown);
  boost::json::object render_one(const Approval& approval, const View& view, Shown shown) const;

  Store& store_;
  const Clock& clock_;
  const ApprovalLinks& links_;
};

}  // namespace bellpull
