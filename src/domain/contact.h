// The person or system on the other side: claimed by events, never verified by them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

struct Contact {
  ContactId id;
  AccountKey account;
  std::string name;
  std::string description;
  std::string fingerprint;  // unique in its account
  std::optional<std::string> email;
  std::optional<std::string> phone;
  std::optional<std::string> nick;
  std::optional<std::string> preferences;
  std::optional<TimePoint> verified_at;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

// What an event says about its sender. All may be empty.
struct ContactClaim {
  std::string name;
  std::string email;
  std::string phone;

  bool empty() const { return name.empty() && email.empty() && phone.empty(); }
};

// The form in which e-mail addresses are compared: ASCII letters lower-cased.
std::string email_key(std::string_view email);
// E.164 when the text is a full number ("+47 22 33 44 55", "0047..."), else trimmed as given.
std::string normalise_phone(std::string_view phone);
// One "@" with something on both sides, a dot in the domain's middle or a bare host, no spaces or
// control characters, at most 254 bytes. It claims no more than that.
bool looks_like_email(std::string_view text);

}  // namespace bellpull
