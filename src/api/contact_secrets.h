// The values that contacts have given personal secrets (api-contract.md 2.9).
//
// `update` is ours: without it a value could only come from an OAuth flow.
#pragma once

#include "api/call.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

class ContactSecrets {
 public:
  ContactSecrets(Store& store, const Clock& clock, const Vault& vault)
      : store_(store), clock_(clock), vault_(vault) {}
  void add_routes(Routes& routes);

 private:
  Task<Response> list(Call call);
  Task<Result<ListPage>> read_page(ListQuery query, Page page, View view);
  Task<Response> update(Call call);
  Task<Response> verify(Call call);
  Task<Response> revoke(Call call);
  Task<Response> authenticate(Call call);

  Store& store_;
  const Clock& clock_;
  const Vault& vault_;
};

}  // namespace bellpull
