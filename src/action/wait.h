// wait: the run goes on after a time, or at a time. The timer is the run's row, so it survives
// whatever happens to the server; a call that is made again waits for what is left.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "base/task.h"
#include "base/time.h"

namespace bellpull {

class WaitAction final : public Action {
 public:
  explicit WaitAction(const Clock& clock) : clock_(clock) {}

  const ActionShape& shape() const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  const Clock& clock_;
};

}  // namespace bellpull
