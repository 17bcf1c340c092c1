// What an operator does with a trigger that is at work: our own endpoints, beside the contract's.
//
//   integration/trigger/{id}/secret/rotate, secret/reveal
//   integration/trigger/{id}/pause, resume
//   integration/trigger/{id}/stats
//
// Threads: any; constant after construction.
#pragma once

#include "api/bounded_reader.h"
#include "api/call.h"
#include "api/routes.h"
#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/trigger.h"
#include "http/response.h"
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

class TriggerControls {
 public:
  TriggerControls(Store& store, const Clock& clock, Random& random, const Vault& vault);
  void add_routes(Routes& routes);

 private:
  Task<Response> rotate(Call call);
  Task<Response> reveal(Call call);
  Task<Response> set_state(Call call, TriggerState state);
  Task<Response> stats(Call call);

  Store& store_;
  const Clock& clock_;
  Random& random_;
  const Vault& vault_;
  const BoundedReader reader_;
};

}  // namespace bellpull
