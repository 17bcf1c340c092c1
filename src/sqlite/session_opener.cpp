#include "sqlite/session_opener.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/random.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "sqlite/columns.h"
#include "sqlite/contact_identities.h"
#include "sqlite/conversation_table.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "store/run_records.h"

namespace bellpull {

namespace {

constexpr std::string_view by_email_sql = R"sql(
  select id from contacts where account = ?1 and email_key = ?2 order by id limit 1)sql";
constexpr std::string_view by_phone_sql = R"sql(
  select id from contacts where account = ?1 and phone_key = ?2 order by id limit 1)sql";
constexpr std::string_view by_fingerprint_sql =
    "select id from contacts where account = ?1 and fingerprint = ?2";

// What a contact was known by that was merged into another.
constexpr std::string_view by_identity_sql =
    "select contact from contact_identities where account = ?1 and identity = ?2";

// By an index that has only those under way: usually none.
constexpr std::string_view erasures_sql = R"sql(
  select known_by, events_until from erasures where account = ?1 and finished_at is null)sql";
constexpr std::string_view original_sql =
    "select replay_of from events where id = ?1 and replay_of is not null";

// Not one whose contact is being erased: it is about to go.
constexpr std::string_view session_sql = R"sql(
  select s.conversation, c.tag, s.received_at, c.contact, c.messages
    from sessions s join conversations c on c.id = s.conversation
   where s.trigger = ?1 and s.key = ?2 and s.bot = ?3
     and not exists (select 1 from erasures x where x.contact = c.contact))sql";

constexpr std::string_view keep_session_sql = R"sql(
  insert into sessions (trigger, key, conversation, bot, received_at) values (?1, ?2, ?3, ?4, ?5)
  on conflict do update set conversation = excluded.conversation, bot = excluded.bot,
                            received_at = excluded.received_at)sql";

constexpr std::string_view insert_conversation_sql = R"sql(
  insert into conversations (tag, account, name, description, trigger, bot, contact, meta,
                             created_at, updated_at, messages)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10))sql";

constexpr std::string_view attach_contact_sql =
    "update conversations set contact = ?2 where id = ?1 and contact is null";

std::string conversation_meta(const TriggerId& trigger) {
  return boost::json::serialize(boost::json::object{
      {"app", "trigger"}, {"trigger", boost::json::object{{"integrationId", trigger.text()}}}});
}

}  // namespace

SessionOpener::SessionOpener(Database& database, Random& random)
    : contacts_(database, random, [](ContactKey, AccountKey, Write) {}),
      random_(random),
      database_(database),
      by_email_(database, by_email_sql),
      by_phone_(database, by_phone_sql),
      by_fingerprint_(database, by_fingerprint_sql),
      by_identity_(database, by_identity_sql),
      erasures_(database, erasures_sql),
      original_(database, original_sql),
      session_(database, session_sql),
      keep_session_(database, keep_session_sql),
      insert_conversation_(database, insert_conversation_sql),
      note_stale_(database, note_stale_sql),
      attach_contact_(database, attach_contact_sql) {}

std::optional<Contact> SessionOpener::matching(const Event& event) {
  const auto found_by = [&](Statement& statement, const std::string& value) {
    std::optional<Contact> contact;
    if (value.empty() || !statement.with(event.account.value, std::string_view{value}).step()) {
      return contact;
    }
    const ContactKey key{statement.number(0)};
    statement.reset();
    contact = contacts_.find(key);
    return contact;
  };
  const ContactClaim& claim = event.contact;
  const std::string email = email_key(claim.email);
  const std::string phone = normalise_phone(claim.phone);
  if (auto contact = found_by(by_email_, email)) return contact;
  if (!email.empty()) {
    if (auto contact = found_by(by_identity_, "email:" + email)) return contact;
  }
  if (auto contact = found_by(by_phone_, phone)) return contact;
  if (!phone.empty()) {
    if (auto contact = found_by(by_identity_, "phone:" + phone)) return contact;
  }
  const std::string fingerprint = fingerprint_of(event.account, event.trigger, claim);
  if (auto contact = found_by(by_fingerprint_, fingerprint)) return contact;
  return found_by(by_identity_, fingerprint_identity(fingerprint));
}

// Fills what is empty and takes a new name; a verified contact is linked, never changed.
void SessionOpener::update_from_claim(Contact& contact, const ContactClaim& claim, TimePoint now) {
  if (contact.verified_at) return;
  const bool rename = !claim.name.empty() && contact.name != claim.name;
  const bool add_email = !claim.email.empty() && !contact.email;
  const bool add_phone = !claim.phone.empty() && !contact.phone;
  if (!rename && !add_email && !add_phone) return;
  const Contact before = contact;
  if (rename) contact.name = claim.name;
  if (add_email) contact.email = claim.email;
  if (add_phone) contact.phone = normalise_phone(claim.phone);
  contact.updated_at = now;
  if (!contacts_.update(contact)) contact = before;
}

bool SessionOpener::names_erased(const Event& event) {
  if (event.contact.empty()) return false;
  bool names = false;
  erasures_.with(event.account.value);
  while (!names && erasures_.step()) {
    const std::int64_t until = erasures_.number(1);
    names = KnownBy::parse(erasures_.view(0)).names(event.account, event.trigger, event.contact) &&
            is_of_before(event, until);
  }
  erasures_.reset();
  return names;
}

// Whether it was there by then, or what it is a replay of.
bool SessionOpener::is_of_before(const Event& event, std::int64_t until) {
  std::int64_t original = event.id.value;
  while (original > until) {
    if (!original_.with(original).step()) return false;
    original = original_.number(0);
    original_.reset();
  }
  return true;
}

std::optional<Contact> SessionOpener::identify(const Event& event, TimePoint now) {
  const ContactClaim& claim = event.contact;
  made_contact_ = false;
  if (claim.empty()) return std::nullopt;
  if (auto known = matching(event)) {
    update_from_claim(*known, claim, now);
    return known;
  }
  Contact contact{.account = event.account,
                  .name = claim.name,
                  .fingerprint = fingerprint_of(event.account, event.trigger, claim),
                  .created_at = now,
                  .updated_at = now};
  if (!claim.email.empty()) contact.email = claim.email;
  if (!claim.phone.empty()) contact.phone = normalise_phone(claim.phone);
  // matching() looked for the fingerprint too, so it is free.
  if (!contacts_.add(contact)) return std::nullopt;
  made_contact_ = true;
  return contact;
}

std::optional<ConversationId> SessionOpener::live(const Event& event, const OpenRun& open,
                                                  const std::optional<Contact>& contact) {
  if (!session_
           .with(event.trigger.value, std::string_view{event.session.text()}, open.bot.key.value)
           .step()) {
    return std::nullopt;
  }
  const ConversationId id{{session_.number(0)}, tag_from(session_.view(1))};
  const Duration silence = event.received_at - from_ms(session_.number(2));
  const bool has_contact = !session_.is_null(3);
  const std::int64_t messages = session_.number(4);
  session_.reset();
  if (silence >= open.session_lifetime) return std::nullopt;
  messages_ = messages;
  if (contact && !has_contact) {
    note_stale_.with(id.key.value).run();
    attach_contact_.with(id.key.value, contact->id.key.value).run();
  }
  return id;
}

ConversationId SessionOpener::start(const Event& event, const OpenRun& open,
                                    const std::optional<Contact>& contact) {
  const IdTag tag = new_tag(random_);
  const std::string meta = conversation_meta(open.trigger);
  insert_conversation_.with(tag_blob(tag), event.account.value, std::string_view{open.trigger_name},
                            std::string_view{open.trigger_description}, event.trigger.value,
                            open.bot.key.value);
  if (contact) {
    insert_conversation_.bind(7, contact->id.key.value);
  } else {
    insert_conversation_.bind_null(7);
  }
  insert_conversation_.bind(8, std::string_view{meta});
  insert_conversation_.bind(9, to_ms(open.now));
  insert_conversation_.bind(10, std::int64_t{std::ssize(open.step.messages)});
  insert_conversation_.run();
  return ConversationId{{database_.last_row()}, tag};
}

ConversationId SessionOpener::converse(const Event& event, const OpenRun& open,
                                       const std::optional<Contact>& contact) {
  const bool keeps = !event.session.empty() && open.session_lifetime > Duration{0};
  std::optional<ConversationId> conversation;
  messages_ = 0;
  if (keeps) conversation = live(event, open, contact);
  started_ = !conversation;
  if (!conversation) conversation = start(event, open, contact);
  if (keeps) {
    keep_session_
        .with(event.trigger.value, std::string_view{event.session.text()}, conversation->key.value,
              open.bot.key.value, to_ms(event.received_at))
        .run();
  }
  return *conversation;
}

}  // namespace bellpull
