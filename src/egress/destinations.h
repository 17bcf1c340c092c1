// Where a call may connect to: a name's addresses, found by our resolver and judged by the guard.
//
// What the operator configured is looked up by a resolver of its own, so that bots' slow names
// never take its places.
//
// Lifetime: outlives every search. Threads: the executor's only.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/resolver.h"
#include "egress/url.h"

namespace bellpull {

// Both outlive who is given them.
struct Resolvers {
  Resolver& for_bots;
  Resolver& for_operator;
};

class Destinations {
 public:
  Destinations(AllowList allow_list, Resolvers resolvers, const Clock& clock);

  // At least one address, all of them allowed. With an allowance that covers the URL, whatever is
  // found is.
  Task<std::expected<std::vector<IpAddress>, HttpFailure>> find(Url url,
                                                                std::optional<Allowance> allowance,
                                                                SteadyTime deadline);

 private:
  const AllowList allow_list_;
  const Resolvers resolvers_;
  const Clock& clock_;
};

}  // namespace bellpull
