// Conversations: the ordered record that people read (api-contract.md 2.10).
#pragma once

#include <string>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

const Fields<Conversation>& conversation_fields();

class Conversations final : public Endpoints<Conversation> {
 public:
  Conversations(Store& store, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Result<void> narrow(const Transaction& rows, const Call& call, ListQuery& query) const override;
  Result<void> prepare(Transaction& rows, const Call& call, Conversation& added) const override;
  Result<void> revise(Transaction& rows, const Call& call, const Conversation& before,
                      Conversation& after) const override;
  Result<void> erase(Transaction& rows, const Call& call, const Conversation& found,
                     TimePoint now) const override;
  Schema created_schema() const override;
  // With the messages of the body, which the reply repeats.
  Task<Response> create(Call call) override;
};

}  // namespace bellpull
