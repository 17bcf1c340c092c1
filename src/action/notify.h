// notify: a text to the incoming webhook of a chat, or of anybody.
//
// It is posted once: a chat has no way to drop a second one. A generic webhook gets the id, time
// and signature of Standard Webhooks.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "action/template.h"
#include "base/task.h"
#include "base/time.h"

namespace bellpull {

class HttpClient;

class NotifyAction final : public Action {
 public:
  NotifyAction(HttpClient& client, const Clock& clock) : client_(client), clock_(clock) {}

  const ActionShape& shape() const override;
  bool mark(TemplateMap& input) const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  HttpClient& client_;
  const Clock& clock_;
};

}  // namespace bellpull
