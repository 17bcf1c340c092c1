#include "api/approval_links.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "base/encoding.h"
#include "base/time.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "http/query.h"
#include "http/request.h"
#include "vault/vault.h"

namespace bellpull {

std::string ApprovalLinks::signature_of(const ApprovalId& approval, std::int64_t expires_ms) const {
  const std::string text = fmt::format("{}\n{}", approval.text(), expires_ms);
  return to_hex(vault_.sign(text, "approval: decide"));
}

std::string ApprovalLinks::url_for(const Approval& approval) const {
  if (public_url_.empty()) return {};
  const std::int64_t expires_ms = to_ms(approval.expires_at);
  return fmt::format("{}/api/v1/approval/{}/page?expires={}&signature={}", public_url_,
                     approval.id.text(), expires_ms, signature_of(approval.id, expires_ms));
}

std::optional<ApprovalId> ApprovalLinks::granted(const RequestHead& request) const {
  const auto approval = ApprovalId::parse(request.parameter(id_parameter));
  const Query query{request.query()};
  const std::string_view expires = query.find("expires").value_or("");
  std::int64_t expires_ms = 0;
  const auto [end, problem] =
      std::from_chars(expires.data(), expires.data() + expires.size(), expires_ms);
  if (!approval || problem != std::errc{} || end != expires.data() + expires.size()) return {};
  const std::string_view signature = query.find("signature").value_or("");
  const bool is_ours = equal_secrets(signature, signature_of(*approval, expires_ms));
  if (!is_ours || from_ms(expires_ms) <= clock_.now()) return std::nullopt;
  return approval;
}

}  // namespace bellpull
