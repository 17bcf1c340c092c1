// libpq's objects, owned.
#pragma once

#include <memory>

#include <libpq-fe.h>

namespace bellpull {

struct PostgresDeleter {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};

using PostgresConnection = std::unique_ptr<PGconn, PostgresDeleter>;
using PostgresResult = std::unique_ptr<PGresult, PostgresDeleter>;
using PostgresCancel = std::unique_ptr<PGcancel, PostgresDeleter>;

}  // namespace bellpull
