// fetch: one HTTP request through the egress guard.
//
// Repeats a request by itself only when its method is idempotent and the failure may pass, and only
// within its time: 10 s, or the option `timeout` in milliseconds up to 5 minutes. A request that
// may change something carries an Idempotency-Key, the same for every try at this step.
#pragma once

#include "action/action.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_client.h"

namespace bellpull {

class FetchAction final : public Action {
 public:
  FetchAction(HttpClient& client, const Clock& clock, Random& random)
      : client_(client), clock_(clock), random_(random) {}

  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Task<ActionOutcome> send(HttpCall call);

  HttpClient& client_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace bellpull
