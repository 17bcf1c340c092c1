#include "egress/address_guard.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "egress/ip_address.h"

namespace bellpull {

namespace {

struct Row {
  std::string_view prefix;
  unsigned bits;
  std::string_view what;
  AddressReach reach = AddressReach::special;
};

// IANA's special-purpose registries, less what is globally reachable.
constexpr auto rows = std::to_array<Row>({
    {"0.0.0.0", 8, "an address of \"this network\""},
    {"10.0.0.0", 8, "a private address", AddressReach::local},
    {"100.64.0.0", 10, "a carrier's shared address", AddressReach::local},
    {"127.0.0.0", 8, "a loopback address", AddressReach::local},
    {"169.254.0.0", 16, "a link-local address"},
    {"172.16.0.0", 12, "a private address", AddressReach::local},
    {"192.0.0.0", 24, "an address for protocols"},
    {"192.0.2.0", 24, "a documentation address"},
    {"192.88.99.0", 24, "a 6to4 relay"},
    {"192.168.0.0", 16, "a private address", AddressReach::local},
    {"198.18.0.0", 15, "a benchmark address"},
    {"198.51.100.0", 24, "a documentation address"},
    {"203.0.113.0", 24, "a documentation address"},
    {"224.0.0.0", 4, "a multicast address"},
    {"240.0.0.0", 4, "a reserved address"},

    {"::1", 128, "a loopback address", AddressReach::local},
    {"::", 128, "the unspecified address"},
    {"::", 96, "an IPv4-compatible address"},
    {"64:ff9b:1::", 48, "a local translation address"},
    {"100::", 64, "a discard address"},
    {"fc00::", 7, "a unique local address", AddressReach::local},
    {"fe80::", 10, "a link-local address"},
    {"fec0::", 10, "a site-local address"},
    {"ff00::", 8, "a multicast address"},
    {"2001:2::", 48, "a benchmark address"},
    {"2001:10::", 28, "an address for protocols"},
    {"2001:20::", 28, "an address for protocols"},
    {"2001:db8::", 32, "a documentation address"},
    {"3fff::", 20, "a documentation address"},
});

struct Range {
  IpAddress prefix;
  unsigned bits;
  ForbiddenRange forbidden;
};

const std::vector<Range>& ranges() {
  static const std::vector<Range> parsed = [] {
    std::vector<Range> result;
    result.reserve(rows.size());
    for (const Row& row : rows) {
      result.push_back({IpAddress::parse(row.prefix).value(), row.bits, {row.what, row.reach}});
    }
    return result;
  }();
  return parsed;
}

std::optional<ForbiddenRange> listed(const IpAddress& address) {
  for (const Range& range : ranges()) {
    if (address.starts_with(range.prefix, range.bits)) return range.forbidden;
  }
  return std::nullopt;
}

IpAddress v4_at(const IpAddress& address, std::size_t offset, std::uint8_t flip = 0) {
  const auto bytes = address.bytes().subspan(offset, 4);
  return IpAddress::v4(
      {static_cast<std::uint8_t>(bytes[0] ^ flip), static_cast<std::uint8_t>(bytes[1] ^ flip),
       static_cast<std::uint8_t>(bytes[2] ^ flip), static_cast<std::uint8_t>(bytes[3] ^ flip)});
}

bool within(const IpAddress& address, std::string_view prefix, unsigned bits) {
  return address.starts_with(IpAddress::parse(prefix).value(), bits);
}

// An IPv6 address that reaches an IPv4 one is as far as that one is.
std::optional<ForbiddenRange> judged_by_inner(const IpAddress& address) {
  if (within(address, "2002::", 16)) return listed(v4_at(address, 2));
  if (within(address, "2001::", 32)) {  // Teredo: the server, then the client with its bits flipped
    const auto server = listed(v4_at(address, 4));
    return server ? server : listed(v4_at(address, 12, 0xFF));
  }
  return std::nullopt;
}

}  // namespace

std::optional<ForbiddenRange> forbidden_range(const IpAddress& address) {
  const IpAddress plain = address.unmapped();
  if (plain.is_v4()) return listed(plain);
  if (within(plain, "64:ff9b::", 96)) return listed(v4_at(plain, 12));
  if (const auto forbidden = listed(plain)) return forbidden;
  if (!within(plain, "2000::", 3)) return ForbiddenRange{.what = "a reserved address"};
  return judged_by_inner(plain);
}

}  // namespace bellpull
