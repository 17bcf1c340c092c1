// The operator's exceptions to the address guard, and what stands without any.
//
// Without a rule a bot reaches public addresses on port 80, 443 and every port from 1024 up: web
// APIs live there, while the other low ports are mail servers, shells and name servers that must
// not be spoken to in HTTP by accident. A rule adds to that:
//
//   api.example.com        this host: its private and loopback addresses, the ports above
//   .example.com           the same for every host below the domain
//   api.example.com:25     this host on this port only
//   api.example.com:25/in  this path only, on this port of this host
//   10.1.0.0/16  10.1.2.3  these addresses, whatever name leads there; also link-local and the like
//   [fd00::/8]:443         with a port, IPv6 stands in brackets
//   !public                public addresses are no longer open by themselves: only the rules are
//
// A name's rule does not open link-local, multicast and reserved addresses: the cloud's metadata
// service lives there, and only a rule that names the addresses can mean it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "egress/ip_address.h"
#include "egress/url.h"

namespace bellpull {

struct AllowRule {
  std::string host;                  // exact, or with a leading dot; empty for addresses
  std::optional<IpAddress> network;  // with `bits`
  unsigned bits = 0;
  std::optional<std::uint16_t> port;
  std::string path;  // empty: every path
};

Result<AllowRule> parse_allow_rule(std::string_view text);

class AllowList {
 public:
  AllowList() = default;
  // Fails with the first rule that cannot be read, quoted.
  static Result<AllowList> parse(const std::vector<std::string>& rules);

  // Why no connection to `address`, found for `host`, may be made; nothing when it may. `target`
  // is the URL's path and query.
  std::optional<std::string> refusal(std::string_view host, const IpAddress& address,
                                     std::uint16_t port, std::string_view target = "/") const;

 private:
  std::vector<AllowRule> rules_;
  bool public_is_open_ = true;
};

// The operator's word for one endpoint from the configuration (a model's base URL, a relay): what
// is found there may be connected to, on that host and port only. It is made from the configured
// URL and travels with the calls to it; a bot's call has none.
class Allowance {
 public:
  static Result<Allowance> for_url(std::string_view configured);
  static Allowance for_endpoint(const Url& configured);

  bool covers(std::string_view host, std::uint16_t port) const;

 private:
  std::string host_;
  std::uint16_t port_ = 0;
};

}  // namespace bellpull
