#include "identity/authenticator.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "identity/bearer.h"
#include "identity/caller.h"
#include "identity/turns.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

// Bounds of the memory: a known token takes about 180 bytes.
constexpr std::size_t max_known = 16'384;
constexpr std::size_t max_unknown = 4096;

// A change that another process made to a token is noticed within this time.
constexpr std::chrono::seconds known_for{60};
constexpr std::chrono::seconds unknown_for{10};

// Reads of the store at a time for tokens that memory does not know: any other read waits for so
// many at most.
constexpr std::size_t reads_at_once = 8;

std::unexpected<Error> not_authenticated() {
  return fail(ErrorCode::unauthenticated, "Not authenticated",
              "the token is not known, has expired or was deleted, or its account is disabled");
}

// The caller that the store knows under this digest; nothing when it may not act.
std::optional<Caller> find_caller(const Transaction& snapshot, const Digest& digest) {
  const std::string_view bytes{reinterpret_cast<const char*>(digest.data()), digest.size()};
  const std::optional<Token> token = snapshot.find_token(bytes);
  if (!token || !equal_digests(token->digest, digest)) return std::nullopt;
  const std::optional<Account> account = snapshot.accounts().find(token->account);
  if (!account || account->state != AccountState::enabled) return std::nullopt;
  return Caller{.account = token->account,
                .token = token->id.key,
                .digest = digest,
                .scopes = token->scopes,
                .timestamps = token->timestamps,
                .expires_at = token->expires_at};
}

// Makes room for one more: any entry may go, it costs a read when it is needed again.
template <class Map>
void make_room(Map& entries, std::size_t max_size) {
  if (entries.size() >= max_size) entries.erase(entries.begin());
}

}  // namespace

std::size_t Authenticator::DigestHash::operator()(const Digest& digest) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

Authenticator::Authenticator(Store& store, const Clock& clock)
    : store_(store), clock_(clock), reads_(reads_at_once) {}

std::optional<Caller> Authenticator::recall(std::string_view token) {
  if (!has_token_form(token)) return std::nullopt;
  return find_known(digest_of(token));
}

Task<Result<Caller>> Authenticator::authenticate(std::string token) {
  if (!has_token_form(token)) co_return not_authenticated();
  co_return co_await look_up(digest_of(token));
}

Task<Result<Caller>> Authenticator::look_up(Digest digest) {
  if (const auto caller = find_known(digest)) co_return *caller;
  if (is_unknown(digest)) co_return not_authenticated();

  const Turns::Turn turn = co_await reads_.take();
  // Others may have asked for the same token and been answered meanwhile.
  if (const auto caller = find_known(digest)) co_return *caller;
  if (is_unknown(digest)) co_return not_authenticated();
  const std::uint64_t generation = this->generation();
  std::optional<Caller> caller = co_await store_.read(
      [&](const Transaction& snapshot) { return find_caller(snapshot, digest); });
  if (caller && caller->expires_at && *caller->expires_at <= clock_.now()) caller.reset();
  remember(digest, caller, generation);
  if (!caller) co_return not_authenticated();
  co_return *caller;
}

void Authenticator::forget(TokenKey token) {
  const std::lock_guard lock{mutex_};
  ++generation_;
  for (auto at = known_.begin(); at != known_.end();) {
    at = at->second.caller.token == token ? known_.erase(at) : std::next(at);
  }
  unknown_.clear();
}

void Authenticator::forget_account(AccountKey account) {
  const std::lock_guard lock{mutex_};
  ++generation_;
  for (auto at = known_.begin(); at != known_.end();) {
    at = at->second.caller.account == account ? known_.erase(at) : std::next(at);
  }
  unknown_.clear();
}

std::optional<Caller> Authenticator::find_known(const Digest& digest) {
  const std::lock_guard lock{mutex_};
  const auto found = known_.find(digest);
  if (found == known_.end()) return std::nullopt;
  const auto& [caller, until] = found->second;
  const bool expired = caller.expires_at && *caller.expires_at <= clock_.now();
  if (until <= clock_.steady_now() || expired) {
    known_.erase(found);
    return std::nullopt;
  }
  return caller;
}

bool Authenticator::is_unknown(const Digest& digest) {
  const std::lock_guard lock{mutex_};
  const auto found = unknown_.find(digest);
  return found != unknown_.end() && found->second > clock_.steady_now();
}

std::uint64_t Authenticator::generation() {
  const std::lock_guard lock{mutex_};
  return generation_;
}

void Authenticator::remember(const Digest& digest, const std::optional<Caller>& caller,
                             std::uint64_t generation) {
  const std::lock_guard lock{mutex_};
  // Something was forgotten since the read began: it may have read what was before.
  if (generation != generation_) return;
  const SteadyTime now = clock_.steady_now();
  if (caller) {
    make_room(known_, max_known);
    known_.insert_or_assign(digest, Known{*caller, now + known_for});
  } else {
    make_room(unknown_, max_unknown);
    unknown_.insert_or_assign(digest, now + unknown_for);
  }
}

}  // namespace bellpull
