#include "api/skillsets.h"

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/list_request.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "store/removal.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

Fields<Skillset> skillset_fields() {
  return {
      id_field<Skillset>(),
      alias_field<Skillset>(),
      text("name", &Skillset::name, {.max_bytes = max_name_bytes}),
      text("description", &Skillset::description, {.max_bytes = max_description_bytes}),
      blueprint_field<Skillset>(),
      visibility_field<Skillset>(),
      state_field<Skillset>(),
      meta_field<Skillset>(),
      timestamp("createdAt", &Skillset::created_at),
      timestamp("updatedAt", &Skillset::updated_at),
  };
}

namespace {

ListRules skillset_list() {
  return {.kind = "skillset", .filters = {reference_filter<Blueprint>("blueprintId", "blueprint")}};
}

}  // namespace

Skillsets::Skillsets(Store& store, const Clock& clock)
    : Endpoints(store, clock, skillset_fields(), skillset_list()) {}

Result<void> Skillsets::erase(Transaction& rows, const Call& /*call*/, const Skillset& found,
                              TimePoint /*now*/) const {
  remove_whole(rows, found);
  return {};
}

}  // namespace bellpull
