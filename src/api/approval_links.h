// Links by which a person without a token decides one approval: a path with the approval's expiry
// and a signature over both.
//
//   https://bell.example.com/api/v1/approval/approval_.../page?expires=1767226500000&signature=...
//
// Lifetime: the vault and the clock outlive it. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "http/request.h"
#include "vault/vault.h"

namespace bellpull {

class ApprovalLinks {
 public:
  static constexpr std::string_view id_parameter = "approvalId";

  // `public_url` is where people reach the server; empty: there are no links.
  ApprovalLinks(const Vault& vault, const Clock& clock, std::string public_url)
      : vault_(vault), clock_(clock), public_url_(std::move(public_url)) {}

  // Empty without a public URL.
  std::string url_for(const Approval& approval) const;
  // What the request's URL permits to decide; nothing when it is not ours, or expired.
  std::optional<ApprovalId> granted(const RequestHead& request) const;

 private:
  std::string signature_of(const ApprovalId& approval, std::int64_t expires_ms) const;

  const Vault& vault_;
  const Clock& clock_;
  const std::string public_url_;
};

}  // namespace bellpull
