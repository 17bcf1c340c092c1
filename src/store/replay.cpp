#include "store/replay.h"

#include "base/time.h"
#include "domain/event.h"
#include "store/accept.h"

namespace bellpull {

NewEvent replay_of(const Event& original, TimePoint now) {
  const SessionKey& session = original.session;
  return {.trigger = original.trigger,
          .account = original.account,
          .source = EventSource::replay,
          .received_at = now,
          .method = original.method,
          .content_type = original.content_type,
          .query = original.query,
          .headers = original.headers,
          .session = session.text(),
          .session_number = session.empty() ? 0 : session_number(original.trigger, session),
          .contact_name = original.contact.name,
          .contact_email = original.contact.email,
          .contact_phone = original.contact.phone,
          .body = original.body,
          .replay_of = original.id,
          .hops = original.hops};
}

}  // namespace bellpull
