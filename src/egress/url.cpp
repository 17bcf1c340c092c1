#include "egress/url.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/result.h"
#include "egress/ip_address.h"

namespace bellpull {

namespace {

constexpr std::size_t max_url_bytes = 16 * std::size_t{1024};
constexpr std::size_t max_host_bytes = 253;  // of a DNS name

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// One number of an IPv4 spelling: "127", "0177", "0x7f"; "0x" is 0, as browsers have it.
std::optional<std::uint64_t> ipv4_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
    if (text.empty()) return 0;
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Whether every resolver may take the host for an IPv4 address: its last part is a number.
bool looks_like_ipv4(std::string_view host) {
  const std::string_view last = split(host, '.').back();
  return (!last.empty() && last.find_first_not_of("0123456789") == std::string_view::npos) ||
         ipv4_number(last).has_value();
}

// The forms that inet_aton and browsers read: one to four numbers, the last one fills the rest.
std::optional<IpAddress> loose_ipv4(std::string_view host) {
  const auto parts = split(host, '.');
  if (parts.size() > 4) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) return std::nullopt;
    const auto number = ipv4_number(parts[i]);
    if (!number) return std::nullopt;
    const bool last = i + 1 == parts.size();
    const std::size_t bytes_left = 4 - i;
    if (*number > (last ? (1ULL << (8 * bytes_left)) - 1 : 255)) return std::nullopt;
    value |= last ? *number : *number << (8 * (bytes_left - 1));
  }
  return IpAddress::v4({static_cast<std::uint8_t>(value >> 24),
                        static_cast<std::uint8_t>(value >> 16),
                        static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > max_host_bytes) return false;
  return std::ranges::all_of(split(host, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
  });
}

std::unexpected<Error> bad(std::string_view what) {
  return fail(ErrorCode::invalid, fmt::format("The URL {}", what));
}

bool is_web(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return scheme == "smtps" ? 465 : 587;
}

Result<void> read_host(std::string_view text, Url& url) {
  if (text.starts_with('[')) {
    url.address = IpAddress::parse(text.substr(1, text.size() - 2));
    if (!url.address || url.address->is_v4()) return bad("has an IPv6 address that is not one");
    url.host = url.address->to_string();
    return {};
  }
  url.host = lower(text);
  if (url.host.ends_with('.')) url.host.pop_back();
  if (url.host.empty()) return bad("has no host");
  if (looks_like_ipv4(url.host)) {
    url.address = loose_ipv4(url.host);
    if (!url.address) return bad("has an IPv4 address that is not one");
    url.host = url.address->to_string();
    return {};
  }
  if (!is_host_name(url.host)) {
    return bad(
        "has a host that is not an ASCII name (write international names in their xn-- form)");
  }
  return {};
}

Result<void> read_authority(std::string_view text, Url& url) {
  if (text.contains('@')) return bad("holds a user name; put credentials into a header");
  std::string_view port;
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return bad("has an unclosed bracket");
  if (const std::size_t colon = text.find(':', bracket); colon != std::string_view::npos) {
    port = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  if (text.starts_with('[') && !text.ends_with(']')) return bad("has text after its IPv6 address");
  url.port = default_port(url.scheme);
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc{} || end != port.data() + port.size() || url.port == 0) {
      return bad("has a port that is not one");
    }
  }
  return read_host(text, url);
}

std::string encode_target(std::string_view text) {
  std::string result;
  if (!text.starts_with('/')) result = "/";
  for (const char c : text.substr(0, text.find('#'))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || std::string_view("\"<>\\^`{|}").contains(c)) {
      result += fmt::format("%{:02X}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

// RFC 3986, 5.2.4, on the path of `target`; its query stays.
std::string remove_dot_segments(std::string_view target) {
  const std::size_t query = target.find('?');
  std::vector<std::string_view> kept;
  const auto segments =
      split(target.substr(1, query == std::string_view::npos ? query : query - 1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    const bool up = segments[i] == "..";
    if (up && !kept.empty()) kept.pop_back();
    if (!up && segments[i] != ".") {
      kept.push_back(segments[i]);
    } else if (last) {
      kept.emplace_back();
    }
  }
  std::string result;
  for (const std::string_view segment : kept) result.append("/").append(segment);
  if (result.empty()) result = "/";
  if (query != std::string_view::npos) result += target.substr(query);
  return result;
}

struct Schemes {
  std::string_view one;
  std::string_view other;
};

Result<Url> parse(std::string_view text, Schemes schemes) {
  if (text.size() > max_url_bytes) return bad("is too long");
  if (has_control(text)) return bad("holds a line break or another control character");
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return bad(fmt::format("must start with {}:// or {}://", schemes.one, schemes.other));
  }
  Url url;
  url.scheme = lower(text.substr(0, scheme_end));
  if (url.scheme != schemes.one && url.scheme != schemes.other) {
    return bad(fmt::format("must be {} or {}", schemes.one, schemes.other));
  }
  text.remove_prefix(scheme_end + 3);
  // A backslash ends the host for browsers and not for RFC 3986: no host may hold one.
  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  if (auto read = read_authority(text.substr(0, authority_end), url); !read) {
    return std::unexpected(std::move(read.error()));
  }
  url.target = encode_target(text.substr(authority_end));
  return url;
}

}  // namespace

std::string Url::origin() const {
  const bool brackets = address && !address->is_v4();
  std::string result = scheme + "://" + (brackets ? "[" + host + "]" : host);
  // curl's own default for a relay is another one.
  const bool may_be_left_out = is_web(scheme) && port == default_port(scheme);
  if (!may_be_left_out) result += fmt::format(":{}", port);
  return result;
}

std::string Url::to_string() const { return origin() + target; }

Result<Url> parse_url(std::string_view text) {
  return parse(text, {.one = "http", .other = "https"});
}

Result<Url> parse_relay_url(std::string_view text) {
  return parse(text, {.one = "smtp", .other = "smtps"});
}

Result<Url> resolve_reference(const Url& base, std::string_view reference) {
  if (has_control(reference)) return bad("holds a line break or another control character");
  if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
  const std::size_t colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?#")) {
    return parse_url(reference);
  }
  Url url = base;
  if (reference.starts_with('/')) {
    url.target = encode_target(reference);
  } else if (reference.starts_with('?')) {
    url.target =
        encode_target(base.target.substr(0, base.target.find('?')) + std::string(reference));
  } else if (!reference.empty() && !reference.starts_with('#')) {
    const std::string path = base.target.substr(0, base.target.find('?'));
    url.target = encode_target(path.substr(0, path.rfind('/') + 1) + std::string(reference));
  }
  if (url.target.size() > max_url_bytes) return bad("is too long");
  url.target = remove_dot_segments(url.target);
  return url;
}

}  // namespace bellpull
