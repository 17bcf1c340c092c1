#include "identity/permit.h"

#include <expected>

#include "base/result.h"
#include "base/task.h"
#include "identity/caller.h"

namespace bellpull {

Task<Result<void>> Permit::check() const {
  const Result<Caller> caller = co_await authenticator_->look_up(token_);
  if (!caller) co_return std::unexpected(caller.error());
  if ((caller->scopes & scopes_) != scopes_) {
    co_return fail(ErrorCode::forbidden, "Not authorized", "the token has lost a scope");
  }
  co_return Result<void>{};
}

}  // namespace bellpull
