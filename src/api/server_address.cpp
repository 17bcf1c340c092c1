#include "api/server_address.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "http/request.h"
#include "http/text.h"

namespace bellpull {

namespace {

// A host with or without a port; what is none is not put into a URL.
bool is_authority(std::string_view text) {
  constexpr std::string_view others = ".-_:[]";
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

// Of a list, one entry for each proxy: what the client asked the first of them.
std::string_view first_of(std::string_view list) {
  list = list.substr(0, list.find(','));
  while (list.ends_with(' ')) list.remove_suffix(1);
  return list;
}

}  // namespace

std::string ServerAddress::url_for(const RequestHead& request) const {
  if (!public_url.empty()) return public_url;
  std::string_view scheme = request.secure() ? "https" : "http";
  std::string_view host = request.header("host");
  if (forwarded == ForwardedHeaders::trusted) {
    const std::string_view proto = first_of(request.header("x-forwarded-proto"));
    if (equals_ignoring_case(proto, "https")) scheme = "https";
    if (equals_ignoring_case(proto, "http")) scheme = "http";
    const std::string_view asked = first_of(request.header("x-forwarded-host"));
    if (!asked.empty()) host = asked;
  }
  if (!is_authority(host)) return {};
  return std::string{scheme} + "://" + std::string{host};
}

}  // namespace bellpull
