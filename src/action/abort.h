// abort/success and abort/failure: the model settles the run, and must say why.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "base/task.h"

namespace bellpull {

class AbortAction final : public Action {
 public:
  explicit AbortAction(Settlement settlement) : settlement_(settlement) {}

  const ActionShape& shape() const override;
  bool is_idempotent(const ActionRequest& request) const override;
  // The reason is the argument `reason`, or else the block's text.
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  const Settlement settlement_;
};

}  // namespace bellpull
