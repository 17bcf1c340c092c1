#include "api/fetch_places.h"

#include <mutex>
#include <optional>
#include <utility>

#include "domain/ids.h"

namespace bellpull {

std::optional<FetchPlaces::Place> FetchPlaces::take(AccountKey account) {
  const std::scoped_lock lock{mutex_};
  const auto known = by_account_.find(account);
  const bool has_all = known != by_account_.end() && known->second == of_account;
  if (has_all || taken_ == of_server) return std::nullopt;
  ++by_account_[account];
  ++taken_;
  return std::optional<Place>{std::in_place, *this, account};
}

void FetchPlaces::give_back(AccountKey account) {
  const std::scoped_lock lock{mutex_};
  --taken_;
  const auto known = by_account_.find(account);
  if (--known->second == 0) by_account_.erase(known);
}

}  // namespace bellpull
