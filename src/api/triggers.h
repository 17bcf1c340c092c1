// Triggers: where events are sent, and what starts a bot by itself (api-contract.md 2.1).
//
// The event endpoint is not here: it is the hot path, with rules of its own.
#pragma once

#include <cstdint>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/trigger.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

enum class BotOnCreate : std::uint8_t { required, optional };

Fields<Trigger> trigger_fields(const Vault& vault, BotOnCreate bot);

// What a new trigger gets once it is kept: its secret, and its next time.
Result<void> complete_new(Transaction& rows, Random& random, const Vault& vault, Trigger& added);

class Triggers final : public Endpoints<Trigger> {
 public:
  Triggers(Store& store, const Clock& clock, Random& random, const Vault& vault, BotOnCreate bot);
  void add_routes(Routes& routes);

 private:
  Result<void> complete(Transaction& rows, const Call& call, Trigger& added) const override;
  Result<void> revise(Transaction& rows, const Call& call, const Trigger& before,
                      Trigger& after) const override;
  Result<void> erase(Transaction& rows, const Call& call, const Trigger& found,
                     TimePoint now) const override;
  boost::json::object created(const Trigger& added) const override;
  Schema created_schema() const override;
  void hide(boost::json::object& answer, const View& view) const override;

  Task<Response> set_up(Call call);
  Task<Response> invoke(Call call);

  Random& random_;
  const Vault& vault_;
};

}  // namespace bellpull
