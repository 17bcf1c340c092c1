#include "domain/event.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/contact.h"
#include "domain/ids.h"

namespace bellpull {

SessionKey SessionKey::named(std::string_view session) {
  return SessionKey{"s:" + std::string{session}};
}
SessionKey SessionKey::email(std::string_view email) { return SessionKey{"e:" + email_key(email)}; }
SessionKey SessionKey::phone(std::string_view phone) {
  return SessionKey{"p:" + normalise_phone(phone)};
}
SessionKey SessionKey::schedule(std::string_view text) {
  return SessionKey{"c:" + std::string{text}};
}
SessionKey SessionKey::invoke() { return SessionKey{"i:"}; }
SessionKey SessionKey::stored(std::string text) { return SessionKey{std::move(text)}; }

SessionKey session_key_of(std::string_view session, const ContactClaim& contact) {
  if (!session.empty()) return SessionKey::named(session);
  if (!contact.email.empty()) return SessionKey::email(contact.email);
  if (!contact.phone.empty()) return SessionKey::phone(contact.phone);
  return {};
}

// FNV-1a over trigger and key, then the finaliser of SplitMix64: spread well, and the same in every
// process, because the number is stored.
std::int64_t session_number(TriggerKey trigger, const SessionKey& key) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (int shift = 0; shift < 64; shift += 8) {
    mix(static_cast<std::uint8_t>(static_cast<std::uint64_t>(trigger.value) >> shift));
  }
  for (const char c : key.text()) mix(static_cast<std::uint8_t>(c));
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBULL;
  hash ^= hash >> 31;
  const auto number = static_cast<std::int64_t>(hash >> 1);
  return number == 0 ? 1 : number;
}

}  // namespace bellpull
