// Accounts of the server, for tokens with the scope `admin`: ours, beside the contract.
#pragma once

#include "api/call.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "http/response.h"
#include "identity/authenticator.h"
#include "store/list.h"
#include "store/store.h"

namespace bellpull {

// Threads: any; constant after construction.
class Accounts {
 public:
  Accounts(Store& store, const Clock& clock, Random& random, Authenticator& authenticator);
  void add_routes(Routes& routes);

 private:
  // Answers with the account's first token, which nobody can read again.
  Task<Response> create(Call call);
  Task<Response> list(Call call);
  Task<Response> set_state(Call call, AccountState state);
  Task<Result<ListPage>> read_page(Page page, View view);

  Store& store_;
  const Clock& clock_;
  Random& random_;
  Authenticator& authenticator_;
};

}  // namespace bellpull
