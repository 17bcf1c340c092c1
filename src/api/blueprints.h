// Blueprints: named sets of resources (api-contract.md 2.8).
#pragma once

#include <optional>
#include <string>

#include "api/blueprint_members.h"
#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

Fields<Blueprint> blueprint_fields();

class Blueprints final : public Endpoints<Blueprint> {
 public:
  Blueprints(Store& store, const Clock& clock, Random& random, const Vault& vault);
  void add_routes(Routes& routes);

 private:
  struct Whole {
    Blueprint blueprint;
    Members members;
  };

  Schema removal_schema() const override;
  Task<Response> remove(Call call) override;
  Task<Response> clone(Call call);
  Task<Response> list_resources(Call call);
  Task<Response> export_resources(Call call);
  Task<Response> import_resources(Call call);

  // The one that the path names, with what belongs to it.
  Task<Result<Whole>> read_whole(Call call, std::size_t most);

  Random& random_;
  const Vault& vault_;
  const FieldTables member_fields_;
};

}  // namespace bellpull
