// fetch: one HTTP request through the egress guard.
//
// Repeats a request by itself only when its method is idempotent and the failure may pass, and only
// within its time: 10 s where the instruction sets none. A request that may change something
// carries an Idempotency-Key, the same for every try at this step. With a secret in it, it goes to
// no other origin than the one that was checked for the secret.
#pragma once

#include <expected>

#include "action/action.h"
#include "action/shape.h"
#include "action/template.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"

namespace bellpull {

class FetchAction final : public Action {
 public:
  FetchAction(HttpClient& client, const Clock& clock, Random& random)
      : client_(client), clock_(clock), random_(random) {}

  const ActionShape& shape() const override;
  bool mark(TemplateMap& input) const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Task<std::expected<HttpReply, HttpFailure>> send(HttpCall call);

  HttpClient& client_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace bellpull
