// API tokens of the caller's own account (api-contract.md 2.19).
#pragma once

#include <vector>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "http/response.h"
#include "identity/authenticator.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

// A token can't make, change or remove one that may do more than it may itself, or lives longer.
class Tokens final : public Endpoints<Token> {
 public:
  Tokens(Store& store, const Clock& clock, Random& random, Authenticator& authenticator);
  void add_routes(Routes& routes) { add_to(routes, "/token", "tokenId"); }

 private:
  Result<void> revise(Transaction& rows, const Call& call, const Token& before,
                      Token& after) const override;
  Result<void> erase(Transaction& rows, const Call& call, const Token& found,
                     TimePoint now) const override;
  void committed(const Token& changed) const override;
  Schema created_schema() const override;
  std::vector<int> write_errors() const override { return {409}; }
  // Answers with the token's text, which nobody can read again.
  Task<Response> create(Call call) override;
  Task<Result<void>> check_repeat(Call call, boost::json::object answer);

  Random& random_;
  Authenticator& authenticator_;
};

}  // namespace bellpull
