#include "egress/destinations.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/resolver.h"
#include "egress/url.h"

namespace bellpull {

namespace {

std::unexpected<HttpFailure> failed(HttpCause cause, std::string message) {
  return std::unexpected(HttpFailure{cause, std::move(message)});
}

HttpFailure lookup_failure(std::string_view host, LookupFailure why) {
  switch (why) {
    case LookupFailure::unknown_host:
      return {HttpCause::dns, fmt::format("{} is not a known host", host)};
    case LookupFailure::no_answer:
      return {HttpCause::dns, fmt::format("The name servers did not answer for {}", host)};
    case LookupFailure::too_many:
      return {HttpCause::dns, "Too many host names are being looked up"};
    case LookupFailure::canceled:
      break;
  }
  return {HttpCause::canceled, "The call was canceled"};
}

}  // namespace

Destinations::Destinations(AllowList allow_list, Resolvers resolvers, const Clock& clock)
    : allow_list_(std::move(allow_list)), resolvers_(resolvers), clock_(clock) {}

Task<std::expected<std::vector<IpAddress>, HttpFailure>> Destinations::find(
    Url url, std::optional<Allowance> allowance, SteadyTime deadline) {
  std::vector<IpAddress> addresses;
  if (url.address) {
    addresses.push_back(*url.address);
  } else {
    Resolver& resolver = allowance ? resolvers_.for_operator : resolvers_.for_bots;
    auto found = co_await resolver.resolve(url.host, deadline);
    if (!found) {
      if (clock_.steady_now() >= deadline) {
        co_return failed(HttpCause::timeout, fmt::format("{} was not resolved in time", url.host));
      }
      co_return std::unexpected(lookup_failure(url.host, found.error()));
    }
    addresses = std::move(*found);
  }
  if (allowance && allowance->covers(url.host, url.port)) co_return addresses;
  for (const IpAddress& address : addresses) {
    if (auto refusal = allow_list_.refusal(url.host, address, url.port, url.target)) {
      co_return failed(HttpCause::refused_by_guard, "Refused by the egress guard: " + *refusal);
    }
  }
  co_return addresses;
}

}  // namespace bellpull
