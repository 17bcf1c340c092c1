// echo: gives its input back, as JSON when it is JSON. For trying an instruction out.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "base/task.h"

namespace bellpull {

class EchoAction final : public Action {
 public:
  const ActionShape& shape() const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;
};

}  // namespace bellpull
