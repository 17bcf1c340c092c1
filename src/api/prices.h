// What models cost: one price table for the whole server, which tokens with the scope `admin` edit.
// A call costs what its model's price says when it is recorded; a later change changes nothing.
#pragma once

#include <string>

#include "api/call.h"
#include "api/routes.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"
#include "store/store.h"

namespace bellpull {

class Prices {
 public:
  Prices(Store& store, const Clock& clock, std::string currency);
  void add_routes(Routes& routes);

 private:
  Task<Response> list(Call call);
  Task<Response> set(Call call);
  Task<Response> remove(Call call);

  Store& store_;
  const Clock& clock_;
  const std::string currency_;
};

}  // namespace bellpull
