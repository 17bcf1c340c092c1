#include "trigger/trigger_registry.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/run_records.h"
#include "store/store.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

// A trigger takes about 300 bytes here; beyond this many all are forgotten and read again.
constexpr std::size_t max_known = 100'000;
// Reads of the store for ids that are not known, a second and at once.
constexpr double reads_a_second = 500;
constexpr double reads_at_once = 2'000;

}  // namespace

TriggerRegistry::TriggerRegistry(Store& store, const Vault& vault, const Clock& clock)
    : store_(store),
      vault_(vault),
      clock_(clock),
      reads_left_(reads_at_once),
      refilled_at_(clock.steady_now()) {}

std::shared_ptr<const KnownTrigger> TriggerRegistry::recall(std::string_view id) const {
  const std::shared_lock lock{mutex_};
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : found->second;
}

bool TriggerRegistry::may_read() {
  const std::scoped_lock lock{mutex_};
  const SteadyTime now = clock_.steady_now();
  const std::chrono::duration<double> passed = now - refilled_at_;
  reads_left_ = std::min(reads_at_once, reads_left_ + passed.count() * reads_a_second);
  refilled_at_ = now;
  if (reads_left_ < 1) return false;
  reads_left_ -= 1;
  return true;
}

std::uint64_t TriggerRegistry::generation() const {
  const std::shared_lock lock{mutex_};
  return generation_;
}

void TriggerRegistry::remember(std::string id, std::shared_ptr<const KnownTrigger> known,
                               std::uint64_t read_at_generation) {
  const std::scoped_lock lock{mutex_};
  // Something changed while the store was read, maybe this trigger: the next request reads again.
  if (generation_ != read_at_generation) return;
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
  if (!may_read()) {
    co_return fail(ErrorCode::too_many_requests, "Too many requests for unknown triggers");
  }
  const std::uint64_t before = generation();
  bool is_disabled = false;
  const std::optional<Trigger> trigger = co_await store_.read([&](const Transaction& snapshot) {
    const auto found = snapshot.triggers().find(*parsed);
    const auto account = found ? snapshot.accounts().find(found->account) : std::nullopt;
    is_disabled = account && account->state == AccountState::disabled;
    return found;
  });
  if (!trigger || trigger->deleted_at) co_return fail(ErrorCode::not_found, "Not found");
  if (is_disabled) co_return fail(ErrorCode::forbidden, "The account is disabled");

  KnownTrigger known{.key = trigger->id.key,
                     .account = trigger->account,
                     .version = trigger->version,
                     .authenticate = trigger->authenticate};
  known.secret = trigger_secret(vault_, *trigger).value_or("");
  auto shared = std::make_shared<const KnownTrigger>(known);
  remember(std::move(id), shared, before);
  co_return shared;
}

void TriggerRegistry::runs_changed(std::span<const RunChange> /*changes*/) {}

void TriggerRegistry::trigger_changed(TriggerKey trigger) {
  const std::scoped_lock lock{mutex_};
  ++generation_;
  const auto id = ids_.find(trigger);
  if (id == ids_.end()) return;
  known_.erase(id->second);
  ids_.erase(id);
}

void TriggerRegistry::configuration_changed() {}

// Rare enough to forget everything.
void TriggerRegistry::account_changed(AccountKey /*account*/) { reopened(); }

void TriggerRegistry::reopened() {
  const std::scoped_lock lock{mutex_};
  ++generation_;
  known_.clear();
  ids_.clear();
}

bool is_secret_of(const KnownTrigger& trigger, std::string_view secret) {
  return !trigger.secret.empty() && equal_secrets(secret, trigger.secret);
}

}  // namespace bellpull
