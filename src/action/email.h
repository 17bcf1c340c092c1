// email: one mail through the operator's relay.
//
// A mail that was sent cannot be taken back, so a call whose outcome nobody knows is not repeated.
// Within a call, what certainly did not arrive is tried again.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "action/template.h"
#include "base/task.h"
#include "base/time.h"

namespace bellpull {

class Mailer;

class EmailAction final : public Action {
 public:
  EmailAction(Mailer& mailer, const Clock& clock) : mailer_(mailer), clock_(clock) {}

  const ActionShape& shape() const override;
  bool mark(TemplateMap& input) const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Mailer& mailer_;
  const Clock& clock_;
};

}  // namespace bellpull
