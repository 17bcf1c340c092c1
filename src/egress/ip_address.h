// An IPv4 or IPv6 address as bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace bellpull {

class IpAddress {
 public:
  static IpAddress v4(std::array<std::uint8_t, 4> bytes);
  static IpAddress v6(std::array<std::uint8_t, 16> bytes);
  // The canonical spellings only ("127.0.0.1", "::1"), without brackets or a zone; the spellings
  // that URLs allow beside them are read by parse_url.
  static std::optional<IpAddress> parse(std::string_view text);
  // Nothing for a family other than the two.
  static std::optional<IpAddress> from(const sockaddr& address);

  bool is_v4() const { return size_ == 4; }
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }
  std::string to_string() const;

  // Whether the first `bits` bits are those of `prefix`; both must be of one family.
  bool starts_with(const IpAddress& prefix, unsigned bits) const;
  // The IPv4 address inside ::ffff:0:0/96, for which the kernel connects by IPv4; else itself.
  IpAddress unmapped() const;

  bool operator==(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // what is unused stays zero
  std::size_t size_ = 4;
};

}  // namespace bellpull
