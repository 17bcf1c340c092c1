// Endpoints that clients know and that are not built yet: 501 rather than 404, so that a client can
// tell a missing feature from a wrong path (api-contract.md 2.22).
#pragma once

#include "api/routes.h"

namespace bellpull {

void add_routes_not_built(Routes& routes);

}  // namespace bellpull
