// What is done to a contact as a whole: two become one, and one is erased with its records. Both
// begin in the transaction that asks for them and go on in the background, over restarts.
//
// Lifetime: lives inside its Transaction. Threads: the store's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"

namespace bellpull {

// How far the erasure of a contact is, and what it has erased.
struct Erasure {
  ContactId contact;
  AccountKey account;
  TimePoint started_at;
  std::optional<TimePoint> finished_at;
  double progress = 0;  // of 1
  std::int64_t events = 0;
  std::int64_t steps = 0;
  std::int64_t conversations = 0;
  std::int64_t messages = 0;
};

class ContactRecords {
 public:
  // Merges and erasures of an account that have not ended; one more fails with `conflict`.
  static constexpr std::int64_t max_running = 20;

  virtual ~ContactRecords() = default;

  // `into` takes over what it lacks, whatever `source` was known by, and its conversations; then
  // `source` is removed. Both are of one account.
  virtual Result<void> merge(const Contact& source, Contact into, TimePoint now) = 0;
  // What a contact was merged into, whether all has moved or not.
  virtual std::optional<ContactKey> merged_into(ContactKey source) const = 0;
  // The contact that took over what another was known by: "email:", "phone:" or "fingerprint:" and
  // its normal form.
  virtual std::optional<ContactKey> find_identity(AccountKey account,
                                                  std::string_view identity) const = 0;

  // Empties the contact at once; nobody is matched to it any more. Its conversations with their
  // messages, the events that named it and those of its conversations, and the steps of their runs
  // follow; at last the contact itself. What had not ended is canceled.
  virtual Result<void> erase(const Contact& contact, TimePoint now) = 0;
  virtual std::optional<Erasure> find_erasure(const ContactId& contact) const = 0;
};

}  // namespace bellpull
