// Merging and erasing contacts; see store/contact_records.h.
//
// Neither walks an index: rows are gone through by their numbers, a stretch a chunk, so that ingest
// and runs pay nothing for it. The progress stands in the row of the merge or erasure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "store/contact_records.h"
#include "store/transaction.h"

namespace bellpull {

class WriteSession;

// Why a run ended that had not, when its contact was erased.
inline constexpr std::string_view erased_reason = "contact erased";

class ContactRecordTable final : public ContactRecords {
 public:
  ContactRecordTable(Database& database, ResourceStore<Contact>& contacts, Transaction& rows);

  Result<void> merge(const Contact& source, Contact into, TimePoint now) override;
  std::optional<ContactKey> merged_into(ContactKey source) const override;
  std::optional<ContactKey> find_identity(AccountKey account,
                                          std::string_view identity) const override;
  Result<void> erase(const Contact& contact, TimePoint now) override;
  std::optional<Erasure> find_erasure(const ContactId& contact) const override;

  // A contact that goes takes along what it was known by.
  void forget_identities(ContactKey contact);

 private:
  void keep_identity(AccountKey account, std::string_view identity, ContactKey contact);

  Database& database_;
  ResourceStore<Contact>& contacts_;
  Transaction& rows_;
};

// Chunks of the jobs; whether work is left.
bool move_contact(WriteSession& session, ContactKey source, TimePoint now);
bool erase_contact(WriteSession& session, ContactKey contact, TimePoint now);

}  // namespace bellpull
