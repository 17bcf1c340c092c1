// Host names to addresses, without threads and with a limit on everything.
//
// The answer is complete: the guard must see every address of a name, because one forbidden address
// among public ones is how a name is bound to the inside.
//
// Lifetime: outlives every lookup. Threads: the executor's only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/ip_address.h"

namespace bellpull {

enum class LookupFailure : std::uint8_t { unknown_host, no_answer, too_many, canceled };

class Resolver {
 public:
  virtual ~Resolver() = default;

  // At least one address, or why there is none; `too_many` when the deadline came before there was
  // room for another lookup. `host` is lower case and no address itself.
  virtual Task<std::expected<std::vector<IpAddress>, LookupFailure>> resolve(
      std::string host, SteadyTime deadline) = 0;
};

struct DnsSettings {
  std::string servers;                            // "127.0.0.1:5353,..."; empty: the system's
  Duration time_limit = std::chrono::seconds{5};  // of one lookup
  std::size_t max_lookups = 256;  // at the same time, of different names; others wait in line
  std::size_t max_cached = 4096;
  // An answer is kept for its time to live within these bounds.
  Duration min_kept = std::chrono::seconds{5};
  Duration max_kept = std::chrono::minutes{5};
};

// /etc/hosts and the system's name servers, by c-ares on the executor. Lookups of one name share
// one query. "localhost" and names below it are loopback, whoever would say otherwise (RFC 6761).
class DnsResolver final : public Resolver {
 public:
  // Throws std::runtime_error when c-ares cannot be set up.
  DnsResolver(const boost::asio::any_io_executor& executor, const Clock& clock,
              DnsSettings settings = {});
  ~DnsResolver() override;

  Task<std::expected<std::vector<IpAddress>, LookupFailure>> resolve(std::string host,
                                                                     SteadyTime deadline) override;

 private:
  class Channel;

  const std::unique_ptr<Channel> channel_;
};

}  // namespace bellpull
