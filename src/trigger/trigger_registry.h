// The triggers that lately had an event, in memory: what authentication needs, no read of the
// store.
//
// Invariant: once a change to a trigger is committed, nobody is given what was known before; and
// the commit of an event checks the version again, so even an event on its way is judged by the
// newest. What is not in memory is looked up, all that wait in one read (trigger_look_up.h), so
// that guessing ids neither keeps the store busy nor shuts a known sender out.
//
// Threads: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/delivery_id.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "store/store.h"
#include "trigger/trigger_look_up.h"
#include "trigger/trigger_rate.h"
#include "vault/vault.h"

namespace bellpull {

struct KnownTrigger {
  TriggerKey key;
  AccountKey account;
  std::int64_t version = 0;
  bool authenticate = true;
  std::string secret;  // empty: nobody can send
  // The one before, until a time; empty without one.
  std::string previous_secret;
  TimePoint previous_until;
  bool account_is_disabled = false;
  std::optional<DeliveryId> delivery_id;
  // Null without a limit. Shared with the registry, so that only an update of the limit refills it.
  std::shared_ptr<TriggerRate> rate;
};

class TriggerRegistry final : public StoreListener {
 public:
  TriggerRegistry(Store& store, const Vault& vault, const Clock& clock, RateLimit limit);

  // From memory alone; null says nothing about the trigger.
  std::shared_ptr<const KnownTrigger> recall(std::string_view id) const;

  // Reads the store. Fails with `not_found`.
  Task<Result<std::shared_ptr<const KnownTrigger>>> find(std::string id);

  void runs_changed(std::span<const RunChange> changes) override;
  void trigger_changed(TriggerKey trigger) override;
  void configuration_changed(AccountKey account) override;
  void account_changed(AccountKey account) override;
  void reopened() override;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  // A trigger takes about 300 bytes here; beyond this many all are forgotten and read again.
  static constexpr std::size_t max_known = 100'000;
  static constexpr std::size_t change_places = 1024;

  static std::size_t place_of(TriggerKey trigger) {
    return static_cast<std::size_t>(trigger.value) % change_places;
  }
  std::uint64_t changes_of(TriggerKey trigger) const;
  void remember(std::string id, std::shared_ptr<const KnownTrigger> known,
                std::uint64_t changes_before);

  std::shared_ptr<TriggerRate> rate_of(const Trigger& trigger);
  void forget_full_rates();  // the caller holds mutex_

  const Vault& vault_;
  const Clock& clock_;
  const RateLimit limit_;
  TriggerLookUp look_up_;

  mutable std::shared_mutex mutex_;
  // Guarded by mutex_:
  std::unordered_map<std::string, std::shared_ptr<const KnownTrigger>, TextHash, std::equal_to<>>
      known_;
  std::unordered_map<TriggerKey, std::string> ids_;
  std::unordered_map<TriggerKey, std::shared_ptr<TriggerRate>> rates_;  // empty without a limit
  std::size_t most_rates_ = max_known;  // at which those that say nothing are forgotten
  // Changes so far, so that what was read before one is not kept: by the trigger's key, where a
  // few triggers share a place, and those that may be any trigger's.
  std::array<std::uint64_t, change_places> changes_{};
  std::uint64_t changes_of_all_ = 0;
};

// Whether `secret` is the trigger's now, in a time that does not depend on the answer.
bool is_secret_of(const KnownTrigger& trigger, std::string_view secret, const Clock& clock);

}  // namespace bellpull
