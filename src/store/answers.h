// Answers of calls that had an Idempotency-Key, each kept in the transaction of what the call made:
// both are there, or neither.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// What a key is unique in: its credential's calls of one path.
struct AnswerName {
  TokenKey token;
  std::string_view path;
  std::string_view key;  // its digest: it may say who somebody is, and is kept as it stands here
};

class AnswerStore {
 public:
  virtual ~AnswerStore() = default;

  // As it was sealed; nothing when there is none, or its time is over.
  virtual std::optional<std::string> find(const AnswerName& name, TimePoint now) const = 0;

  // Call it when there is none: one whose time is over makes room. Fails with `too_many_requests`
  // when the account's answers would take more than `account_bytes`, about 256 of each included.
  struct Kept {
    AccountKey account;
    AnswerName name;
    std::string_view sealed;
    TimePoint expires_at;
  };
  virtual Result<void> add(const Kept& answer, std::int64_t account_bytes) = 0;
};

}  // namespace bellpull
