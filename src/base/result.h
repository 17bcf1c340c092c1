// What the input or the state can cause is a value: Result<T>. What the environment causes (disk,
// network, a library) throws. See docs/architecture.md, "Errors".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace bellpull {

enum class ErrorCode : std::uint8_t {
  invalid,          // the input breaks a rule; the message says which
  unauthenticated,  // no credential, or one that is unknown, expired or revoked
  forbidden,        // known, but not this caller's
  not_found,
  conflict,           // the state does not allow it, or a unique value is taken
  too_large,          // over a size limit
  unprocessable,      // an Idempotency-Key that was used for another body
  too_many_requests,  // a rate limit
  lease_lost,         // another lease has replaced the caller's: drop the result
  not_implemented,
  unavailable,  // the store does not take writes now; nothing is known to be kept
};

struct Error {
  ErrorCode code = ErrorCode::invalid;
  std::string message;  // for people, one sentence without a full stop; never holds a secret
  std::string hint;     // what to do next; may be empty
};

template <class T>
using Result = std::expected<T, Error>;

// The short way to fail: return fail(ErrorCode::not_found, "Bot not found").
inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(hint)});
}

}  // namespace bellpull
