// How many contents may be fetched from URLs at a time: each is held in memory, whole, for as long
// as its other side takes.
//
// Lifetime: outlives its places. Threads: any; own locking.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "domain/ids.h"

namespace bellpull {

class FetchPlaces {
 public:
  static constexpr std::size_t of_server = 8;
  static constexpr std::size_t of_account = 2;

  // One place, until it goes.
  class Place {
   public:
    Place(FetchPlaces& places, AccountKey account) : places_(&places), account_(account) {}
    ~Place() {
      if (places_ != nullptr) places_->give_back(account_);
    }
    Place(Place&& other) noexcept
        : places_(std::exchange(other.places_, nullptr)), account_(other.account_) {}
    Place& operator=(Place&&) = delete;

   private:
    FetchPlaces* places_;
    AccountKey account_;
  };

  // Nothing when the account, or the server, has no free one.
  std::optional<Place> take(AccountKey account);

 private:
  void give_back(AccountKey account);

  // Guarded by mutex_:
  std::mutex mutex_;
  std::size_t taken_ = 0;
  std::unordered_map<AccountKey, std::size_t> by_account_;
};

}  // namespace bellpull
