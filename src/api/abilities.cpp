#include "api/abilities.h"

#include <cstddef>
#include <expected>
#include <string>

#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/view.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr std::size_t max_ability_name = 256;         // characters
constexpr std::size_t max_ability_description = 512;  // characters
constexpr std::size_t max_instruction_bytes = 65'535;

}  // namespace

Fields<Ability> ability_fields() {
  const FieldShape kept_as_given{.kind = ValueKind::reference, .max_bytes = max_reference_bytes};
  return {
      id_field<Ability>(),
      {.name = "skillsetId",
       .shape = {.kind = ValueKind::reference, .about = "The skillset that it belongs to."},
       .write = [](const Ability& ability,
                   const View&) { return boost::json::value(ability.skillset.text()); }},
      alias_field<Ability>(),
      text("name", &Ability::name, {.max_characters = max_ability_name})
          .means("The model calls it by this name."),
      text("description", &Ability::description, {.max_characters = max_ability_description})
          .means("Tells the model what it is for."),
      text("instruction", &Ability::instruction, {.max_bytes = max_instruction_bytes})
          .means("What is done: an action block, like fetch."),
      blueprint_field<Ability>(),
      reference<Secret>("secretId", &Ability::secret).also("linkedSecretId"),
      reference<File>("fileId", &Ability::file).also("linkedFileId"),
      reference<Bot>("botId", &Ability::bot).also("linkedBotId"),
      optional_text("spaceId", &Ability::space, kept_as_given).also("linkedSpaceId"),
      state_field<Ability>(),
      meta_field<Ability>(),
      timestamp("createdAt", &Ability::created_at),
      timestamp("updatedAt", &Ability::updated_at),
  };
}

namespace {

ListRules ability_list() {
  return {.kind = "ability", .filters = {reference_filter<Blueprint>("blueprintId", "blueprint")}};
}

Result<Skillset> skillset_of(const Transaction& rows, const Call& call) {
  return find_own<Skillset>(rows, call.caller.account, call.parameter("skillsetId"));
}

}  // namespace

void free_alias(Transaction& rows, const Ability& wanted) {
  if (!wanted.alias) return;
  const auto holder = rows.abilities().find_alias(wanted.account, *wanted.alias);
  if (!holder || rows.skillsets().find(holder->skillset.key)) return;
  rows.abilities().remove(holder->id.key);
}

Abilities::Abilities(Store& store, const Clock& clock)
    : Endpoints(store, clock, ability_fields(), ability_list()) {}

void Abilities::add_routes(Routes& routes) {
  const std::string base = "/skillset/{skillsetId}/ability";
  add_to(routes, base, "abilityId");
  add_list(routes, base + "/export");
}

// The ability must belong to the skillset in the path.
Result<Ability> Abilities::find(const Transaction& rows, const Call& call) const {
  const Result<Skillset> skillset = skillset_of(rows, call);
  if (!skillset) return std::unexpected(skillset.error());
  Result<Ability> ability =
      find_own<Ability>(rows, call.caller.account, call.parameter("abilityId"));
  if (!ability || ability->skillset != skillset->id) return not_found("Ability");
  return ability;
}

Result<void> Abilities::narrow(const Transaction& rows, const Call& call, ListQuery& query) const {
  const Result<Skillset> skillset = skillset_of(rows, call);
  if (!skillset) return std::unexpected(skillset.error());
  query.filters.push_back({.field = "skillset", .any_of = {skillset->id.key.value}});
  return {};
}

Result<void> Abilities::prepare(Transaction& rows, const Call& call, Ability& added) const {
  const Result<Skillset> skillset = skillset_of(rows, call);
  if (!skillset) return std::unexpected(skillset.error());
  added.skillset = skillset->id;
  free_alias(rows, added);
  return {};
}

Result<void> Abilities::revise(Transaction& rows, const Call& /*call*/, const Ability& /*before*/,
                               Ability& after) const {
  free_alias(rows, after);
  return {};
}

}  // namespace bellpull
