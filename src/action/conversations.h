// conversation/search and conversation/fetch: what was said earlier.
//
// A run with a contact reaches that contact's conversations, whichever bot had them; one without
// reaches those of its bot. Where anybody could have sent the event, only those that the same
// trigger opened. Of a conversation, what people and bots said and the events count, and not what
// functions gave.
//
// There is no index of what was said: a search reads the newest conversations, a bounded number of
// messages of each, and says whether it read all that there are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "store/store.h"

namespace bellpull {

class ConversationSearchAction final : public InnerAction {
 public:
  explicit ConversationSearchAction(Store& store) : store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
};

class ConversationFetchAction final : public InnerAction {
 public:
  explicit ConversationFetchAction(Store& store) : store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
};

}  // namespace bellpull
