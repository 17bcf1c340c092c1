// Abilities: what a skillset lets a bot do (api-contract.md 2.4).
#pragma once

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/bot.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

Fields<Ability> ability_fields();

// An ability goes after its skillset, in the background; its alias is free at once.
void free_alias(Transaction& rows, const Ability& wanted);

class Abilities final : public Endpoints<Ability> {
 public:
  Abilities(Store& store, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Result<Ability> find(const Transaction& rows, const Call& call) const override;
  Result<void> narrow(const Transaction& rows, const Call& call, ListQuery& query) const override;
  Result<void> prepare(Transaction& rows, const Call& call, Ability& added) const override;
  Result<void> revise(Transaction& rows, const Call& call, const Ability& before,
                      Ability& after) const override;
};

}  // namespace bellpull
