#include "api/keyed_calls.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/idempotency_key.h"
#include "api/key_rules.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/request.h"
#include "identity/caller.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t digest_size = sizeof(Digest);

// One path, however it is spelt: "/api/v1" is "/v1", and a slash at the end counts as absent.
std::string path_of(const RequestHead& request) {
  constexpr std::string_view long_prefix = "/api/";
  std::string_view path = request.path();
  if (path.starts_with(long_prefix)) path.remove_prefix(long_prefix.size() - 1);
  if (path.ends_with('/')) path.remove_suffix(1);
  return std::string{path};
}

// As it is kept: a client may make a key of an e-mail or a name.
std::string digest_of_key(AccountKey account, const std::string& path, std::string_view key) {
  const std::string text = std::to_string(account.value) + "\n" + path + "\n";
  return to_hex(digest_of(text + std::string{key}));
}

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest digest_in(std::string_view bytes) {
  Digest digest{};
  std::ranges::copy(bytes, digest.begin());
  return digest;
}

}  // namespace

KeyedCall::KeyedCall(KeyedCalls& calls, const Caller& caller, std::string path, std::string key,
                     const json::object& body)
    : calls_(calls),
      account_(caller.account),
      token_(caller.token),
      path_(std::move(path)),
      key_(std::move(key)),
      body_(digest_of(json::serialize(body))),
      now_(calls.clock_.now()) {}

KeyedCall::~KeyedCall() { calls_.leave({token_.value, path_ + " " + key_}); }

// Sealed for its own row, so that it opens nowhere else.
std::string KeyedCall::place() const {
  return "answer:" + std::to_string(token_.value) + ":" + path_ + " " + key_;
}

Result<std::optional<json::object>> KeyedCall::first_answer(const Transaction& rows) {
  is_repeat_ = false;
  const std::optional<std::string> sealed = rows.answers().find(name(), now_);
  if (!sealed) return std::nullopt;
  const std::optional<std::string> opened = calls_.vault_.open(*sealed, place());
  // Not a reason to do it again: something was made under this key.
  if (!opened || opened->size() < digest_size) throw std::runtime_error("a kept answer is broken");
  const std::string_view plain = *opened;
  if (!equal_digests(digest_in(plain.substr(0, digest_size)), body_)) {
    return fail(ErrorCode::unprocessable, "this Idempotency-Key was used for another body",
                "use a new key for a new request");
  }
  is_repeat_ = true;
  return parse_stored(plain.substr(digest_size));
}

Result<void> KeyedCall::keep(Transaction& rows, const json::object& answer) const {
  const std::string plain = std::string{bytes_of(body_)} + json::serialize(answer);
  const std::string sealed = calls_.vault_.seal(plain, place());
  return rows.answers().add({.account = account_,
                             .name = name(),
                             .sealed = sealed,
                             .expires_at = now_ + calls_.rules_.lifetime},
                            calls_.rules_.account_bytes);
}

KeyedCalls::KeyedCalls(const Vault& vault, const Clock& clock, KeyRules rules)
    : vault_(vault), clock_(clock), rules_(rules) {}

Result<std::shared_ptr<KeyedCall>> KeyedCalls::begin(const RequestHead& request,
                                                     const Caller& caller,
                                                     const json::object& body) {
  const Result<std::string_view> key = idempotency_key(request);
  if (!key) return std::unexpected(key.error());
  if (key->empty()) return nullptr;
  std::string path = path_of(request);
  std::string digest = digest_of_key(caller.account, path, *key);
  if (!enter({caller.token.value, path + " " + digest})) {
    return fail(ErrorCode::conflict, "a request with this Idempotency-Key is in flight",
                "send it again in a moment: the answer will be the same");
  }
  return std::make_shared<KeyedCall>(*this, caller, std::move(path), std::move(digest), body);
}

bool KeyedCalls::enter(const Name& name) {
  const std::scoped_lock lock{mutex_};
  return in_flight_.insert(name).second;
}

void KeyedCalls::leave(const Name& name) {
  const std::scoped_lock lock{mutex_};
  in_flight_.erase(name);
}

}  // namespace bellpull
