// The triggers that lately had an event, in memory: what authentication needs, no read of the
// store.
//
// Invariant: once a change to a trigger is committed, nobody is given what was known before; and
// the commit of an event checks the version again, so even an event on its way is judged by the
// newest. Unknown ids may read the store, at a limited rate, so that guessing ids cannot keep it
// busy.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

struct KnownTrigger {
  TriggerKey key;
  AccountKey account;
  std::int64_t version = 0;
  bool authenticate = true;
  std::string secret;  // empty: nobody can send
};

class TriggerRegistry final : public StoreListener {
 public:
  TriggerRegistry(Store& store, const Vault& vault, const Clock& clock);

  // From memory alone; null says nothing about the trigger.
  std::shared_ptr<const KnownTrigger> recall(std::string_view id) const;

  // Reads the store. Fails with `not_found`, with `forbidden` when its account is disabled, or with
  // `too_many_requests` when too many unknown ids came lately.
  Task<Result<std::shared_ptr<const KnownTrigger>>> find(std::string id);

  void runs_changed(std::span<const RunChange> changes) override;
  void trigger_changed(TriggerKey trigger) override;
  void configuration_changed() override;
  void account_changed(AccountKey account) override;
  void reopened() override;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  bool may_read();
  std::uint64_t generation() const;
  void remember(std::string id, std::shared_ptr<const KnownTrigger> known,
                std::uint64_t read_at_generation);

  Store& store_;
  const Vault& vault_;
  const Clock& clock_;

  mutable std::shared_mutex mutex_;
  // Guarded by mutex_:
  std::unordered_map<std::string, std::shared_ptr<const KnownTrigger>, TextHash, std::equal_to<>>
      known_;
  std::unordered_map<TriggerKey, std::string> ids_;
  std::uint64_t generation_ = 0;  // grows with every change, so that an older read is not kept
  double reads_left_;
  SteadyTime refilled_at_;
};

// Whether `secret` is the trigger's, in a time that does not depend on the answer.
bool is_secret_of(const KnownTrigger& trigger, std::string_view secret);

}  // namespace bellpull
