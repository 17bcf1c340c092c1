// The bytes between libpq and its server, counted and waited for by us.
//
// libpq reads a message whole before it shows any of it, and a cell may have a gigabyte. So once a
// connection is made, libpq gets one end of a socket pair under the number of its socket, and the
// wire passes on what comes from the server, 16 KiB at a time and no more than the caller's limit
// for one result. What libpq says of the connection (TLS too) is not concerned.
//
// Lifetime: waits under way don't outlive it. Threads: the executor's only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.h"
#include "base/time.h"
#include "database/postgres_handle.h"

namespace bellpull {

enum class Arrival : std::uint8_t {
  result,     // one more result, a row of the statement or its end
  end,        // there is no more of what was sent
  broken,     // the connection is
  too_large,  // more came for one result than was allowed
  timed_out,
  canceled
};

struct Arrived {
  Arrival arrival = Arrival::broken;
  PostgresResult result;
};

class PostgresWire {
 public:
  // Throws std::system_error when no socket pair can be made.
  PostgresWire(const boost::asio::any_io_executor& executor, PostgresConnection connection,
               const Clock& clock);
  ~PostgresWire();
  PostgresWire(const PostgresWire&) = delete;
  PostgresWire& operator=(const PostgresWire&) = delete;

  PGconn* handle() const { return connection_.get(); }
  // The next result of what was sent.
  Task<Arrived> next(SteadyTime deadline, std::size_t max_bytes);
  // Whether nothing came by itself: what comes to an idle connection is its end.
  bool is_quiet() const;

 private:
  Task<void> wait(SteadyTime deadline);
  void push();
  void pull();
  void hang_up();

  const Clock& clock_;
  PostgresConnection connection_;
  int inner_ = -1;   // our end of the pair
  int socket_ = -1;  // to the server, which is
  boost::asio::posix::stream_descriptor server_;
  // Shared with waits under way, which outlive the wire by one turn of the executor.
  const std::shared_ptr<boost::asio::steady_timer> wake_;
  std::string outgoing_;
  std::size_t pulled_ = 0;  // since the last result
};

}  // namespace bellpull
