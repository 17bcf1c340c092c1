#include "sqlite/contact_identities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

#include "base/encoding.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::string_view event_prefix = "event:";

// `said` is typed, so that a phone is never an e-mail.
std::string event_fingerprint(AccountKey account, std::string_view said) {
  const std::string text = std::to_string(account.value) + "\n" + std::string{said};
  return std::string{event_prefix} + to_hex(digest_of(text));
}

std::string by_email(AccountKey account, std::string_view email) {
  return event_fingerprint(account, "email:" + email_key(email));
}
std::string by_phone(AccountKey account, std::string_view phone) {
  return event_fingerprint(account, "phone:" + normalise_phone(phone));
}
std::string by_name(AccountKey account, TriggerKey trigger, const std::string& name) {
  return event_fingerprint(account, "name:" + std::to_string(trigger.value) + ":" + name);
}

// One that an event made as a plain text, as it is now; others as they are.
std::string digested(AccountKey account, std::string_view fingerprint) {
  constexpr std::array<std::string_view, 3> kinds{"event:email:", "event:phone:", "event:name:"};
  const bool is_plain = std::ranges::any_of(
      kinds, [&](std::string_view kind) { return fingerprint.starts_with(kind); });
  if (!is_plain) return std::string{fingerprint};
  return event_fingerprint(account, fingerprint.substr(event_prefix.size()));
}

std::string digested_identity(AccountKey account, std::string_view identity) {
  constexpr std::string_view kind = "fingerprint:";
  if (!identity.starts_with(kind)) return std::string{identity};
  return fingerprint_identity(digested(account, identity.substr(kind.size())));
}

}  // namespace

std::string fingerprint_of(AccountKey account, TriggerKey trigger, const ContactClaim& claim) {
  if (!claim.email.empty()) return by_email(account, claim.email);
  if (!claim.phone.empty()) return by_phone(account, claim.phone);
  return by_name(account, trigger, claim.name);
}

std::string fingerprint_identity(std::string_view fingerprint) {
  return "fingerprint:" + std::string{fingerprint};
}

std::vector<std::string> identities_of(const Contact& contact) {
  std::vector<std::string> identities{fingerprint_identity(contact.fingerprint)};
  if (contact.email) identities.push_back("email:" + email_key(*contact.email));
  if (contact.phone) identities.push_back("phone:" + normalise_phone(*contact.phone));
  return identities;
}

KnownBy KnownBy::parse(std::string_view kept) {
  KnownBy known;
  const json::value identities = json::parse(kept);
  for (const json::value& one : identities.as_array()) known.add(json::value_to<std::string>(one));
  return known;
}

std::string KnownBy::text() const {
  json::array identities;
  for (const std::string& one : identities_) identities.emplace_back(one);
  return json::serialize(identities);
}

bool KnownBy::names(AccountKey account, TriggerKey trigger, const ContactClaim& claim) const {
  const auto has = [&](const std::string& identity) { return identities_.contains(identity); };
  const auto has_made = [&](const std::string& print) { return has(fingerprint_identity(print)); };
  if (!claim.email.empty()) {
    if (has("email:" + email_key(claim.email)) || has_made(by_email(account, claim.email))) {
      return true;
    }
  }
  if (!claim.phone.empty()) {
    return has("phone:" + normalise_phone(claim.phone)) || has_made(by_phone(account, claim.phone));
  }
  if (claim.name.empty() || !claim.email.empty()) return false;
  return has_made(by_name(account, trigger, claim.name));
}

void digest_event_fingerprints(Database& database) {
  Statement contacts{database, "select id, account, fingerprint from contacts order by id"};
  while (contacts.step()) {
    const std::string is = digested(AccountKey{contacts.number(1)}, contacts.view(2));
    if (is == contacts.view(2)) continue;
    Statement{database, "update contacts set fingerprint = ?2 where id = ?1"}
        .with(contacts.number(0), std::string_view{is})
        .run();
  }
  std::vector<std::pair<std::int64_t, std::string>> identities;
  Statement kept{database, "select account, identity from contact_identities"};
  while (kept.step()) identities.emplace_back(kept.number(0), kept.text(1));
  for (const auto& [account, was] : identities) {
    const std::string is = digested_identity(AccountKey{account}, was);
    Statement{database,
              "update contact_identities set identity = ?3 where account = ?1 and identity = ?2"}
        .with(account, std::string_view{was}, std::string_view{is})
        .run();
  }
  Statement erasures{database, "select contact, account, known_by from erasures order by contact"};
  while (erasures.step()) {
    KnownBy known;
    const json::value before = json::parse(erasures.view(2));
    for (const json::value& one : before.as_array()) {
      known.add(digested_identity(AccountKey{erasures.number(1)}, one.as_string()));
    }
    Statement{database, "update erasures set known_by = ?2 where contact = ?1"}
        .with(erasures.number(0), std::string_view{known.text()})
        .run();
  }
}

}  // namespace bellpull
