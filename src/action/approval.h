// approval: asks people, and lets the run go on when one has said yes. A no, or nobody in time,
// ends the run as failed, unless the instruction says `onRefusal: tell`.
//
// The question is a row of its own (domain/approval.h), made by the first call and found by every
// other with the same key; deciding it wakes the run.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "base/task.h"
#include "base/time.h"
#include "store/store.h"

namespace bellpull {

class ApprovalAction final : public Action {
 public:
  ApprovalAction(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  const ActionShape& shape() const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
  const Clock& clock_;
};

}  // namespace bellpull
