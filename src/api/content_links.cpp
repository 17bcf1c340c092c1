#include "api/content_links.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "base/encoding.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/query.h"
#include "http/request.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

// Enough to begin what the link was asked for.
constexpr Duration link_time = std::chrono::minutes{15};

template <class Number>
std::optional<Number> number_of(const Query& query, std::string_view name) {
  const std::string_view text = query.find(name).value_or("");
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string ContentLinks::signature_of(const ContentGrant& grant, std::int64_t expires_ms) const {
  // No part but the last can hold the separator: a token's id that does is of no link of ours.
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}", grant.file.text(), expires_ms,
                                       grant.size, grant.token_id, grant.type);
  const bool writes = grant.use == ContentGrant::Use::write;
  return to_hex(vault_.sign(text, writes ? "file content: write" : "file content: read"));
}

std::string ContentLinks::path_for(const ContentGrant& grant) const {
  const std::int64_t expires_ms = to_ms(clock_.now() + link_time);
  const std::string announced =
      grant.use == ContentGrant::Use::write
          ? fmt::format("&size={}&type={}&token={}", grant.size, percent_encode(grant.type),
                        percent_encode(grant.token_id))
          : "";
  return fmt::format("/api/v1/file/{}/content?expires={}{}&signature={}", grant.file.text(),
                     expires_ms, announced, signature_of(grant, expires_ms));
}

std::optional<ContentGrant> ContentLinks::grant_of(const RequestHead& request,
                                                   ContentGrant::Use use) const {
  const auto file = FileId::parse(request.parameter(id_parameter));
  const Query query{request.query()};
  const auto expires_ms = number_of<std::int64_t>(query, "expires");
  if (!file || !expires_ms) return std::nullopt;
  ContentGrant grant{.use = use, .file = *file};
  if (use == ContentGrant::Use::write) {
    const auto size = number_of<std::size_t>(query, "size");
    if (!size) return std::nullopt;
    grant.size = *size;
    grant.type = query.find("type").value_or("");
    grant.token_id = query.find("token").value_or("");
  }
  const std::string_view signature = query.find("signature").value_or("");
  const bool is_ours = equal_secrets(signature, signature_of(grant, *expires_ms));
  if (!is_ours || from_ms(*expires_ms) <= clock_.now()) return std::nullopt;
  return grant;
}

}  // namespace bellpull
