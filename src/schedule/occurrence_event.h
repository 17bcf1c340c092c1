// The event that an occurrence becomes: what the trigger's owner set, or else as api-contract.md
// 2.1 says, "invoke".
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/trigger.h"
#include "schedule/timetable.h"
#include "store/accept.h"

namespace bellpull {

class OccurrenceEvent {
 public:
  explicit OccurrenceEvent(const Trigger& trigger);

  // Its views are of this object and of the trigger.
  NewEvent at(const Occurrence& occurrence, TimePoint now) const;

 private:
  const Trigger& trigger_;
  const SessionKey session_;
  const ContactClaim contact_;
  const std::string body_;
  const bool is_json_;
};

// The kept form of Trigger::schedule_contact.
ContactClaim read_contact_claim(std::string_view stored);
std::string write_contact_claim(const ContactClaim& claim);

}  // namespace bellpull
