#include "domain/event.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/stable_hash.h"
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

std::int64_t session_number(TriggerKey trigger, const SessionKey& key) {
  const std::uint64_t hash = StableHash{}.add(trigger.value).add(key.text()).value();
  const auto number = static_cast<std::int64_t>(hash >> 1);
  return number == 0 ? 1 : number;
}

}  // namespace bellpull
