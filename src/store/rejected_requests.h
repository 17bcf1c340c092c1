// Requests that the endpoints of triggers refused (product.md 3): counted, their bodies not kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "store/list.h"

namespace bellpull {

// Stored as numbers.
enum class RejectionCause : std::uint8_t {
  bad_request = 0,
  not_authenticated = 1,
  disabled = 2,  // the account is
  too_large = 3,
  key_reused = 4,
  too_many_requests = 5,
};

// Requests of one cause from one address, as many as came within an hour.
struct RejectedRequests {
  RejectedId id;
  AccountKey account;
  TriggerKey trigger;
  RejectionCause cause = RejectionCause::bad_request;
  std::string address;  // of the client; empty: of several
  std::int64_t count = 0;
  TimePoint first_at;
  TimePoint last_at;
};

class RejectedStore {
 public:
  // The newest of a trigger; older ones go.
  static constexpr std::int64_t max_kept = 200;

  virtual ~RejectedStore() = default;

  // Adds to what is kept of the same cause and address, when that is not an hour old.
  virtual void add(const RejectedRequests& rejected) = 0;
  virtual PagePart<RejectedRequests> look(const ListQuery& query) const = 0;
};

}  // namespace bellpull
