// Skillsets: named sets of abilities (api-contract.md 2.3).
#pragma once

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/bot.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

Fields<Skillset> skillset_fields();

class Skillsets final : public Endpoints<Skillset> {
 public:
  Skillsets(Store& store, const Clock& clock);
  void add_routes(Routes& routes) { add_to(routes, "/skillset", "skillsetId"); }

 private:
  Result<void> erase(Transaction& rows, const Call& call, const Skillset& found,
                     TimePoint now) const override;
};

}  // namespace bellpull
