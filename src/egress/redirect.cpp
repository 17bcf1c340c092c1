#include "egress/redirect.h"

#include <algorithm>
#include <array>
#include <expected>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "egress/http_call.h"
#include "egress/url.h"

namespace bellpull {

namespace {

constexpr auto carried_anywhere =
    std::to_array<std::string_view>({"accept", "accept-language", "content-encoding",
                                     "content-language", "content-type", "user-agent"});
constexpr auto about_the_body = std::to_array<std::string_view>(
    {"content-encoding", "content-language", "content-location", "content-type"});

template <class Names>
bool is_one_of(const Names& names, const HttpField& field) {
  return std::ranges::any_of(names,
                             [&](std::string_view name) { return same_name(name, field.name); });
}

bool becomes_get(unsigned status, std::string_view method) {
  if (status == 303) return method != "GET" && method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<HttpCall> redirected(HttpCall call, const Url& from, const HttpReply& reply) {
  auto target = resolve_reference(from, reply.header("location").value_or(""));
  if (!target) return std::unexpected(std::move(target.error()));
  if (becomes_get(reply.status, call.method)) {
    call.method = "GET";
    call.body.clear();
    std::erase_if(call.headers,
                  [](const HttpField& field) { return is_one_of(about_the_body, field); });
  }
  if (target->origin() != from.origin()) {
    std::erase_if(call.headers,
                  [](const HttpField& field) { return !is_one_of(carried_anywhere, field); });
  }
  call.url = target->to_string();
  return call;
}

}  // namespace bellpull
