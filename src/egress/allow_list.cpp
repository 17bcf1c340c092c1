#include "egress/allow_list.h"

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
#include "egress/address_guard.h"
#include "egress/ip_address.h"
#include "egress/url.h"

namespace bellpull {

namespace {

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<Error> bad_rule(std::string_view rule, std::string_view why) {
  return fail(ErrorCode::invalid, fmt::format("The egress rule \"{}\" {}", rule, why),
              "Write a host, .domain, address or network, each with an optional :port, or !public");
}

// Splits ":443" off; IPv6 has a port only outside of brackets.
struct Parts {
  std::string_view place;
  std::string_view port;
  bool has_port = false;
};

Parts split_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {.place = text};
    const std::string_view inside = text.substr(1, end - 1);
    const std::string_view after = text.substr(end + 1);
    if (after.empty()) return {inside, {}, false};
    return {inside, after.starts_with(':') ? after.substr(1) : "?", true};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return {text, {}, false};
  }
  return {text.substr(0, colon), text.substr(colon + 1), true};
}

bool open_by_default(std::uint16_t port) { return port == 80 || port == 443 || port >= 1024; }

bool names(const AllowRule& rule, std::string_view host) {
  if (rule.host.empty()) return false;
  if (rule.host.starts_with('.')) return host.ends_with(rule.host);
  return host == rule.host;
}

bool holds(const AllowRule& rule, const IpAddress& address) {
  return rule.network && address.starts_with(*rule.network, rule.bits);
}

}  // namespace

Result<AllowRule> parse_allow_rule(std::string_view text) {
  const Parts parts = split_port(text);
  AllowRule rule;
  if (parts.has_port) {
    const std::size_t path = std::min(parts.port.find('/'), parts.port.size());
    rule.path = parts.port.substr(path);
    rule.port = whole_number<std::uint16_t>(parts.port.substr(0, path));
    if (!rule.port || *rule.port == 0) return bad_rule(text, "has a port that is not one");
  }
  const std::size_t slash = parts.place.find('/');
  if (const auto address = IpAddress::parse(parts.place.substr(0, slash))) {
    rule.network = address->unmapped();
    const unsigned most = rule.network->is_v4() ? 32 : 128;
    rule.bits = most;
    if (slash == std::string_view::npos) return rule;
    const auto bits = whole_number<unsigned>(parts.place.substr(slash + 1));
    if (!bits || *bits > most) return bad_rule(text, "has a prefix length that is not one");
    rule.bits = *bits;
    return rule;
  }
  const bool domain = parts.place.starts_with('.');
  const auto url = parse_url("http://" + std::string(parts.place.substr(domain ? 1 : 0)) + "/");
  if (!url || url->address || slash != std::string_view::npos || parts.place.contains(':') ||
      parts.place.find_first_of("?#") != std::string_view::npos) {
    return bad_rule(text, "is no host, domain, address or network");
  }
  rule.host = (domain ? "." : "") + url->host;
  return rule;
}

Result<AllowList> AllowList::parse(const std::vector<std::string>& rules) {
  AllowList list;
  for (const std::string& text : rules) {
    if (text == "!public") {
      list.public_is_open_ = false;
      continue;
    }
    auto rule = parse_allow_rule(text);
    if (!rule) return std::unexpected(std::move(rule.error()));
    list.rules_.push_back(std::move(*rule));
  }
  return list;
}

std::optional<std::string> AllowList::refusal(std::string_view host, const IpAddress& address,
                                              std::uint16_t port, std::string_view target) const {
  const IpAddress plain = address.unmapped();
  const auto forbidden = forbidden_range(plain);
  const bool admitted = std::ranges::any_of(rules_, [&](const AllowRule& rule) {
    if (!rule.path.empty() && target.substr(0, target.find('?')) != rule.path) return false;
    if (rule.port ? *rule.port != port : !open_by_default(port)) return false;
    if (holds(rule, plain)) return true;
    return names(rule, host) && (!forbidden || forbidden->reach == AddressReach::local);
  });
  if (admitted) return std::nullopt;
  if (forbidden) {
    // Not the address itself: a bot must not read the operator's name server through errors.
    return fmt::format("{} leads to {}", host, forbidden->what);
  }
  if (!public_is_open_) return fmt::format("{} is not on the operator's allow-list", host);
  if (!open_by_default(port)) return fmt::format("port {} is not open to bots", port);
  return std::nullopt;
}

Result<Allowance> Allowance::for_url(std::string_view configured) {
  auto url = parse_url(configured);
  if (!url) return std::unexpected(std::move(url.error()));
  return for_endpoint(*url);
}

Allowance Allowance::for_endpoint(const Url& configured) {
  Allowance allowance;
  allowance.host_ = configured.host;
  allowance.port_ = configured.port;
  return allowance;
}

bool Allowance::covers(std::string_view host, std::uint16_t port) const {
  return host == host_ && port == port_;
}

}  // namespace bellpull
