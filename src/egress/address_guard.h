// Which addresses of the internet are no place for a bot: a pure function over address bytes.
//
// Everything that is not plainly public is forbidden, and so is an IPv6 address that only carries a
// forbidden IPv4 one. The operator's exceptions are allow_list.h's; this file knows none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "egress/ip_address.h"

namespace bellpull {

// How far an address is from public. `local` ones are what an operator means by "our intranet": a
// rule for a host name opens them. `special` ones (link-local with the cloud's metadata service,
// multicast, reserved, ...) need a rule that names the addresses.
enum class AddressReach : std::uint8_t { local, special };

struct ForbiddenRange {
  std::string_view what;  // "a loopback address"
  AddressReach reach = AddressReach::special;
};

// The range that forbids `address`; nothing when it is public.
std::optional<ForbiddenRange> forbidden_range(const IpAddress& address);

}  // namespace bellpull
