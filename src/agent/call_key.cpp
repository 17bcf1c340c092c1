#include "agent/call_key.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "domain/ids.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

constexpr std::size_t key_bytes = 16;

}  // namespace

std::string run_key(const TriggerId& trigger, RunId run) {
  return trigger.text() + ":" + run.text();
}

std::string call_key(std::string_view run_key, std::int64_t intent) {
  const Digest digest = digest_of(std::string{run_key} + ":" + std::to_string(intent));
  return to_hex(std::span{digest}.first(key_bytes));
}

}  // namespace bellpull
