#include "api/blueprint_clone.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/blueprint_limits.h"
#include "api/blueprint_members.h"
#include "api/call.h"
#include "api/keep_new.h"
#include "api/log_change.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "secret/sealed_secret.h"
#include "secret/secret_config.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What each kind does not take over beside its id and alias.
void forget_own(Secret& secret, const Vault& vault) {
  const auto config = secret_config(vault, secret);
  if (config) secret.new_config = json::serialize(without_secrets(*config));
  secret.sealed_value.clear();
  secret.sealed_config.clear();
  secret.revoked_through = 0;
}
void forget_own(File& file, const Vault& /*vault*/) {
  file.content_type.reset();
  file.content_size.reset();
  file.content.reset();
}
void forget_own(Trigger& trigger, const Vault& /*vault*/) {
  trigger.sealed_secret.clear();
  trigger.sealed_previous_secret.clear();
  trigger.previous_secret_until.reset();
  trigger.last_trigger_at.reset();
  trigger.version = 1;
}
void forget_own(auto& /*other*/, const Vault& /*vault*/) {}

template <class Resource>
std::size_t bytes_of(const Resource& one) {
  std::size_t bytes = one.name.size() + one.description.size() + one.meta.size();
  if constexpr (requires { one.backstory; }) bytes += one.backstory.size();
  if constexpr (requires { one.schedule_body; }) bytes += one.schedule_body.value_or("").size();
  if constexpr (requires { one.instruction; }) bytes += one.instruction.size();
  if constexpr (requires { one.match_instruction; }) {
    bytes +=
        one.match_instruction.value_or("").size() + one.mismatch_instruction.value_or("").size();
  }
  if constexpr (requires { one.new_config; }) bytes += one.new_config.value_or("").size();
  return bytes;
}

// The copies that were made, by the row of their source.
template <class Resource>
using CopiesOf = std::unordered_map<decltype(Resource::id.key), decltype(Resource::id)>;

class Copies {
 public:
  template <class Resource>
  void add(const decltype(Resource::id)& source, const Resource& copy) {
    std::get<CopiesOf<Resource>>(made_).emplace(source.key, copy.id);
  }

  void lead(Bot& bot) const {
    lead<Dataset>(bot.dataset);
    lead<Skillset>(bot.skillset);
  }
  void lead(Ability& ability) const {
    lead<Skillset>(ability.skillset);
    lead<Bot>(ability.bot);
    lead<Secret>(ability.secret);
    lead<File>(ability.file);
  }
  void lead(Trigger& trigger) const { lead<Bot>(trigger.bot); }
  void lead(auto& /*refers to none*/) const {}

 private:
  template <class Resource>
  void lead(decltype(Resource::id)& reference) const {
    const auto& copies = std::get<CopiesOf<Resource>>(made_);
    if (const auto copy = copies.find(reference.key); copy != copies.end()) {
      reference = copy->second;
    }
  }
  template <class Resource>
  void lead(std::optional<decltype(Resource::id)>& reference) const {
    if (reference) lead<Resource>(*reference);
  }

  OfEachKind<CopiesOf> made_;
};

}  // namespace

Result<BlueprintCopy> copy_of(const Blueprint& source, Members members, const Vault& vault,
                              TimePoint now) {
  BlueprintCopy copy{.blueprint = source, .members = std::move(members)};
  copy.blueprint.id = {};
  copy.blueprint.alias.reset();
  copy.blueprint.created_at = now;
  copy.blueprint.updated_at = now;
  std::size_t bytes = source.config.size();
  for_each_kind([&]<class Resource>() {
    for (Resource& one : std::get<std::vector<Resource>>(copy.members)) {
      one.alias.reset();
      one.created_at = now;
      one.updated_at = now;
      forget_own(one, vault);
      bytes += bytes_of(one);
    }
  });
  if (bytes > max_new_bytes) return std::unexpected(too_many_bytes());
  return copy;
}

Result<json::object> keep_copy(Transaction& rows, const Call& call, BlueprintCopy& copy,
                               Random& random, const Vault& vault) {
  if (auto added = rows.blueprints().add(copy.blueprint); !added) {
    return std::unexpected(std::move(added.error()));
  }
  log_change(rows, call, copy.blueprint, "create", copy.blueprint.created_at);
  KeepNew keep{rows, random, vault};
  Copies copies;
  json::object resources = empty_categories();
  Result<void> kept;
  for_each_kind([&]<class Resource>() {
    for (Resource& one : std::get<std::vector<Resource>>(copy.members)) {
      if (!kept) return;
      const auto source = std::exchange(one.id, {});
      one.blueprint = copy.blueprint.id;
      copies.lead(one);
      kept = keep(one);
      if (!kept) return;
      log_change(rows, call, one, "create", one.created_at);
      copies.add(source, one);
      resources[category_of<Resource>].get_array().push_back(
          {{"id", one.id.text()}, {"sourceId", source.text()}});
    }
  });
  if (!kept) return std::unexpected(std::move(kept.error()));
  return resources;
}

}  // namespace bellpull
