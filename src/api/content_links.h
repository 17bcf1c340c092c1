// Links to a file's content that carry their own permission: a path with an expiry and a signature,
// good for one file and for reading or writing it only.
//
//   /api/v1/file/file_.../content?expires=1767226500000&size=5&type=text%2Fplain&signature=...
//
// Lifetime: the vault and the clock outlive it. Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"
#include "http/request.h"
#include "vault/vault.h"

namespace bellpull {

// What a link permits. `size` and `type` are those of what is to be written.
struct ContentGrant {
  enum class Use : std::uint8_t { read, write };
  Use use = Use::read;
  FileId file;
  std::size_t size = 0;
  std::string type;
  std::string token_id;  // whose holder asked for the link that writes
};

class ContentLinks {
 public:
  static constexpr std::string_view id_parameter = "fileId";

  ContentLinks(const Vault& vault, const Clock& clock) : vault_(vault), clock_(clock) {}

  // From the path on.
  std::string path_for(const ContentGrant& grant) const;
  // What the request's URL permits; nothing when it is not ours, or expired.
  std::optional<ContentGrant> grant_of(const RequestHead& request, ContentGrant::Use use) const;

 private:
  std::string signature_of(const ContentGrant& grant, std::int64_t expires_ms) const;

  const Vault& vault_;
  const Clock& clock_;
};

}  // namespace bellpull
