// The door of approvals' links: GET and POST /v1/approval/{approvalId}/page, for whoever has a link
// (approval_links.h). No token is asked for.
//
// GET only shows the page: whatever looks at links on its own (previews, scanners) decides nothing.
// A link that is not ours says the same whether there is such an approval or not.
//
// Lifetime: outlives the server. Threads: any; constant after construction.
#pragma once

#include <string>

#include "api/approval_links.h"
#include "api/routes.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "store/store.h"

namespace bellpull {

class ApprovalRoute {
 public:
  ApprovalRoute(Store& store, const Clock& clock, const ApprovalLinks& links, Random& random)
      : store_(store), clock_(clock), links_(links), random_(random) {}

  void add_to(Routes& routes);

 private:
  struct Answer;

  static void describe(Routes& routes, const std::string& path);
  Admission admit(const RequestHead& request) const;
  Task<Response> show(Request request);
  Task<Response> decide(Request request);
  Task<Response> keep(ApprovalId id, Answer answer);
  // The approval as it stands, or what else there is to say.
  Task<Response> page_of(ApprovalId id, int status, Answer answer);

  Store& store_;
  const Clock& clock_;
  const ApprovalLinks& links_;
  Random& random_;
};

}  // namespace bellpull
