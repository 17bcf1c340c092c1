// What contacts are known by, as texts: "email:", "phone:" or "fingerprint:" and its normal form.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/contact.h"
#include "domain/ids.h"

namespace bellpull {

class Database;

// The fingerprint of the contact that an event makes, of what it says of the sender: its e-mail,
// else its phone, else its name within the trigger. The same for every event that names the same
// contact, so that two of them make one row. A digest, so of one length whatever was said; the
// API's own fingerprints are random and cannot meet these by chance.
std::string fingerprint_of(AccountKey account, TriggerKey trigger, const ContactClaim& claim);

std::string fingerprint_identity(std::string_view fingerprint);
std::vector<std::string> identities_of(const Contact& contact);

// A set of identities, kept as a JSON array.
class KnownBy {
 public:
  static KnownBy parse(std::string_view kept);
  std::string text() const;
  void add(std::string identity) { identities_.insert(std::move(identity)); }

  // Whether an event says one of them of its sender: its e-mail or phone, also one that the contact
  // was made by and no longer has; a name alone counts within its trigger.
  bool names(AccountKey account, TriggerKey trigger, const ContactClaim& claim) const;

 private:
  std::set<std::string> identities_;
};

// A migration: fingerprints that events made before they were digests.
void digest_event_fingerprints(Database& database);

}  // namespace bellpull
