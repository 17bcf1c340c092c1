// Bots: who answers (api-contract.md 2.2).
#pragma once

#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "base/time.h"
#include "domain/bot.h"
#include "store/store.h"

namespace bellpull {

Fields<Bot> bot_fields();

class Bots final : public Endpoints<Bot> {
 public:
  Bots(Store& store, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Task<Response> clone(Call call);
  Task<Response> search_memory(Call call);
};

}  // namespace bellpull
