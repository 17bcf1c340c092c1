// Absolute URLs of web servers (http, https) and mail relays (smtp, smtps), read once and strictly,
// so that what was checked is what is connected to: curl is only ever given `to_string()` of a
// parsed one.
//
// Differences of spelling are gone after parsing: the host is lower case, without a trailing dot,
// and an IPv4 address in decimal, octal, hexadecimal or short form is in its usual form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "egress/ip_address.h"

namespace bellpull {

struct Url {
  std::string scheme;                // "http", "https", "smtp" or "smtps"
  std::string host;                  // a name, or an address without brackets
  std::optional<IpAddress> address;  // when the host is an address
  std::uint16_t port = 0;
  std::string target;  // path and query, starts with "/"; never a fragment

  // Scheme, host and port; two URLs with the same origin may share credentials.
  std::string origin() const;
  std::string to_string() const;
};

// Refuses user names, other schemes, hosts that are not ASCII names and control characters. Blanks
// and non-ASCII bytes in the path and query are percent-encoded.
Result<Url> parse_url(std::string_view text);

// The same for a mail relay, "smtp://mail.example.com:587": smtp or smtps. Without a port it is
// that of mail submission, 587 or 465.
Result<Url> parse_relay_url(std::string_view text);

// What a Location header means at `base` (RFC 3986, 5.2, with dot segments removed).
Result<Url> resolve_reference(const Url& base, std::string_view reference);

}  // namespace bellpull
