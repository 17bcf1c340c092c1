// Finds or makes the contact and the conversation of a run, by the rules of api-contract.md 2.1,
// "Processing of an event"; inside the writer's transaction.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "store/run_records.h"

namespace bellpull {

class SessionOpener {
 public:
  SessionOpener(Database& database, Random& random);

  // Whether the event is of before an erasure that is under way, and names whom it erases: it is to
  // be erased, too, and must not make the contact anew. Costs a look at an empty index otherwise.
  bool names_erased(const Event& event);

  // The sender's contact: matched by e-mail, else by phone, else by its name within the trigger;
  // made when there is none. Nothing when the event names nobody. Never fails an event.
  std::optional<Contact> identify(const Event& event, TimePoint now);

  // The live session's conversation, or a new one. A session ends with its lifetime, counted
  // between receipts, with its conversation, and with the trigger's bot. A new one is made with the
  // messages of the opening step counted.
  ConversationId converse(const Event& event, const OpenRun& open,
                          const std::optional<Contact>& contact);

  // Whether converse() started the conversation that it gave last, and identify() made its contact.
  bool started() const { return started_; }
  bool made_contact() const { return made_contact_; }
  // Those of the conversation that converse() gave last, before the opening step.
  std::int64_t messages() const { return messages_; }

 private:
  bool is_of_before(const Event& event, std::int64_t until);
  std::optional<Contact> matching(const Event& event);
  void update_from_claim(Contact& contact, const ContactClaim& claim, TimePoint now);
  std::optional<ConversationId> live(const Event& event, const OpenRun& open,
                                     const std::optional<Contact>& contact);
  ConversationId start(const Event& event, const OpenRun& open,
                       const std::optional<Contact>& contact);

  ResourceTable<Contact> contacts_;
  Random& random_;
  Database& database_;
  Statement by_email_;
  Statement by_phone_;
  Statement by_fingerprint_;
  Statement by_identity_;
  Statement erasures_;
  Statement original_;
  Statement session_;
  Statement keep_session_;
  Statement insert_conversation_;
  Statement note_stale_;
  Statement attach_contact_;
  bool started_ = false;
  bool made_contact_ = false;
  std::int64_t messages_ = 0;
};

}  // namespace bellpull
