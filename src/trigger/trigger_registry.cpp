#include "trigger/trigger_registry.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/delivery_id.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/run_records.h"
#include "store/store.h"
#include "trigger/trigger_look_up.h"
#include "trigger/trigger_rate.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

std::optional<DeliveryId> delivery_id_of(const Trigger& trigger) {
  if (!trigger.delivery_id) return std::nullopt;
  auto id = DeliveryId::read(parse_stored(*trigger.delivery_id));
  if (!id) return std::nullopt;
  return std::move(*id);
}

}  // namespace

TriggerRegistry::TriggerRegistry(Store& store, const Vault& vault, const Clock& clock,
                                 RateLimit limit)
    : vault_(vault), clock_(clock), limit_(limit), look_up_(store) {}

std::shared_ptr<const KnownTrigger> TriggerRegistry::recall(std::string_view id) const {
  const std::shared_lock lock{mutex_};
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : found->second;
}

std::uint64_t TriggerRegistry::changes_of(TriggerKey trigger) const {
  const std::shared_lock lock{mutex_};
  return changes_of_all_ + changes_[place_of(trigger)];
}

void TriggerRegistry::remember(std::string id, std::shared_ptr<const KnownTrigger> known,
                               std::uint64_t changes_before) {
  const std::scoped_lock lock{mutex_};
  // It changed while the store was read: the next request reads again.
  if (changes_of_all_ + changes_[place_of(known->key)] != changes_before) return;
  if (known_.size() >= max_known) {
    known_.clear();
    ids_.clear();
  }
  ids_[known->key] = id;
  known_[std::move(id)] = std::move(known);
}

Task<Result<std::shared_ptr<const KnownTrigger>>> TriggerRegistry::find(std::string id) {
  const std::optional<TriggerId> parsed = TriggerId::parse(id);
  if (!parsed) co_return fail(ErrorCode::not_found, "Not found");
  const std::uint64_t changes_before = changes_of(parsed->key);
  const TriggerLookUp::Found found = co_await look_up_.find(*parsed);
  if (!found.trigger) co_return fail(ErrorCode::not_found, "Not found");

  KnownTrigger known{.key = found.trigger->id.key,
                     .account = found.trigger->account,
                     .version = found.trigger->version,
                     .authenticate = found.trigger->authenticate};
  known.secret = trigger_secret(vault_, *found.trigger).value_or("");
  known.account_is_disabled = found.account_is_disabled;
  if (found.trigger->previous_secret_until) {
    known.previous_secret = previous_trigger_secret(vault_, *found.trigger).value_or("");
    known.previous_until = *found.trigger->previous_secret_until;
  }
  known.rate = rate_of(*found.trigger);
  known.delivery_id = delivery_id_of(*found.trigger);
  auto shared = std::make_shared<const KnownTrigger>(std::move(known));
  remember(std::move(id), shared, changes_before);
  co_return shared;
}

std::shared_ptr<TriggerRate> TriggerRegistry::rate_of(const Trigger& trigger) {
  const TriggerLimit limit{.of_server = limit_, .per_minute = trigger.rate_limit.value_or(0)};
  if (limit.is_none()) return nullptr;
  const std::scoped_lock lock{mutex_};
  if (rates_.size() >= most_rates_) forget_full_rates();
  std::shared_ptr<TriggerRate>& rate = rates_[trigger.id.key];
  if (!rate || rate->limit() != limit) rate = std::make_shared<TriggerRate>(limit);
  return rate;
}

// What stays had events within the time that fills it, or is still in known_. The next look is
// when as many again have come, so that each costs little.
void TriggerRegistry::forget_full_rates() {
  const SteadyTime now = clock_.steady_now();
  // NOLINTNEXTLINE(misc-include-cleaner): <unordered_map> has it
  std::erase_if(rates_, [now](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->is_full(now);
  });
  most_rates_ = std::max(max_known, 2 * rates_.size());
}

void TriggerRegistry::runs_changed(std::span<const RunChange> /*changes*/) {}

void TriggerRegistry::trigger_changed(TriggerKey trigger) {
  const std::scoped_lock lock{mutex_};
  ++changes_[place_of(trigger)];
  const auto id = ids_.find(trigger);
  if (id == ids_.end()) return;
  known_.erase(id->second);
  ids_.erase(id);
}

void TriggerRegistry::configuration_changed(AccountKey /*account*/) {}

void TriggerRegistry::account_changed(AccountKey account) {
  const std::scoped_lock lock{mutex_};
  ++changes_of_all_;
  // NOLINTNEXTLINE(misc-include-cleaner): <unordered_map> has it
  std::erase_if(known_, [&](const auto& entry) {
    if (entry.second->account != account) return false;
    ids_.erase(entry.second->key);
    return true;
  });
}

void TriggerRegistry::reopened() {
  const std::scoped_lock lock{mutex_};
  ++changes_of_all_;
  known_.clear();
  ids_.clear();
}

bool is_secret_of(const KnownTrigger& trigger, std::string_view secret, const Clock& clock) {
  if (!trigger.secret.empty() && equal_secrets(secret, trigger.secret)) return true;
  return !trigger.previous_secret.empty() && equal_secrets(secret, trigger.previous_secret) &&
         clock.now() < trigger.previous_until;
}

}  // namespace bellpull
