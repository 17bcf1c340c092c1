#include "action/secret_hosts.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <fmt/format.h>

#include "action/action.h"
#include "egress/url.h"

namespace bellpull {

namespace {

constexpr std::string_view below = "*.";

// Read like a URL's, so that a pattern is spelt as the host will be.
std::optional<Url> address_of(std::string_view pattern, const std::string& scheme) {
  auto url = parse_url(fmt::format("{}://{}/", scheme, pattern));
  if (!url || url->target != "/") return std::nullopt;
  return *url;
}

bool has_port(std::string_view pattern) {
  const std::size_t bracket = pattern.rfind(']');
  const std::size_t colon = pattern.rfind(':');
  return colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
}

bool matches(std::string_view pattern, const Url& url) {
  const bool any_below = pattern.starts_with(below);
  if (any_below) pattern.remove_prefix(below.size());
  const auto wanted = address_of(pattern, url.scheme);
  if (!wanted || (has_port(pattern) && wanted->port != url.port)) return false;
  return any_below ? url.host.ends_with("." + wanted->host) : url.host == wanted->host;
}

}  // namespace

std::optional<std::string> refuse_secrets(const ActionRequest& request, std::string_view url) {
  if (request.secrets.empty()) return std::nullopt;
  const auto parsed = parse_url(url);
  if (!parsed) return "Nothing was sent: " + parsed.error().message;
  for (const UsedSecret& secret : request.secrets) {
    if (secret.hosts.empty() && request.chosen_host) {
      return fmt::format(
          "Nothing was sent: {} is bound to no host, so it can't go to one that is chosen by the "
          "caller. Its owner can list the hosts that it is for in its configuration, as \"hosts\"",
          secret.name);
    }
    const bool allowed =
        secret.hosts.empty() || std::ranges::any_of(secret.hosts, [&](const std::string& host) {
          return matches(host, *parsed);
        });
    if (!allowed) {
      return fmt::format("Nothing was sent: {} is for {} only, not for {}", secret.name,
                         fmt::join(secret.hosts, ", "), parsed->host);
    }
  }
  return std::nullopt;
}

}  // namespace bellpull
