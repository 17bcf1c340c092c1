#include "sqlite/contact_records.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/memory.h"
#include "domain/run.h"
#include "sqlite/columns.h"
#include "sqlite/contact_identities.h"
#include "sqlite/conversation_table.h"
#include "sqlite/database.h"
#include "sqlite/memory_table.h"
#include "sqlite/transaction.h"
#include "sqlite/write_session.h"
#include "store/contact_records.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Rows that a chunk passes: a millisecond or two of the writer's time. Of those it changes, few.
constexpr std::int64_t stretch_rows = 500;
constexpr std::int64_t changed_rows = 10;
// What a merged meta may come to, like any other (api-contract.md 1.9).
constexpr std::size_t max_meta_bytes = std::size_t{64} * 1024;

// Events that may be the contact's: of its conversations, or naming somebody.
constexpr std::string_view events_sql = R"sql(
  select e.id, e.trigger, e.session, r.state,
         exists (select 1 from conversations c where c.id = r.conversation and c.contact = ?4),
         e.contact_name, e.contact_email, e.contact_phone
    from runs r join events e on e.id = r.id
   where r.id > ?1 and r.id <= ?2 and r.account = ?3
   order by e.id)sql";

constexpr std::string_view replays_sql = R"sql(
  select e.id, e.trigger, e.session, r.state
    from erasure_replays x join runs r on r.id = x.event join events e on e.id = x.event
   where x.contact = ?1 order by x.event limit ?2)sql";
constexpr std::string_view note_replays_sql = R"sql(
  insert or ignore into erasure_replays (contact, event)
  select ?1, id from events where replay_of = ?2)sql";

// Nothing for one that is empty already.
constexpr std::string_view scrub_event_sql = R"sql(
  update events set query = '', headers = '{}', session = '', contact_name = null,
         contact_email = null, contact_phone = null, idempotency_key = null, body = x'',
         body_removed_at = coalesce(body_removed_at, ?2)
   where id = ?1
     and (body_removed_at is null or query <> '' or headers <> '{}' or session <> '' or
          coalesce(contact_name, contact_email, contact_phone, idempotency_key) is not null))sql";
// A bot's own words are the reason of a run that failed (state 5) or succeeded (4). Of a call whose
// steps are gone, nobody can say any more what became of it.
constexpr std::string_view scrub_run_sql = R"sql(
  update runs set error_message = null, reason = case when state in (4, 5) then null else reason end,
         resolved_calls = unknown_calls
   where id = ?1)sql";
constexpr std::string_view remove_approvals_sql = "delete from approvals where run = ?1";
constexpr std::string_view scrub_steps_sql = R"sql(
  update steps set content = '{"erased":true}' where run = ?1 and content <> '{"erased":true}')sql";

constexpr std::string_view conversations_sql = R"sql(
  select id from conversations where id > ?1 and id <= ?2 and contact = ?3 order by id limit ?4)sql";

constexpr std::string_view running_sql = R"sql(
  select (select count(*) from erasures where account = ?1 and finished_at is null) +
         (select count(*) from contact_merges where running_for = ?1))sql";

// Each passes everything that the server keeps.
Result<void> check_running(Database& database, AccountKey account) {
  Statement running{database, running_sql};
  running.with(account.value).step();
  const std::int64_t others = running.number(0) - 1;
  if (others < ContactRecords::max_running) return {};
  return fail(ErrorCode::conflict,
              std::to_string(others) + " merges and erasures of contacts are running already",
              "wait for one: GET /api/v1/contact/{contactId}/erase/fetch says how far it is");
}

template <class T>
void take(std::optional<T>& into, const std::optional<T>& from) {
  if (!into) into = from;
}
void take(std::string& into, const std::string& from) {
  if (into.empty()) into = from;
}

std::string merged_meta(const std::string& into, const std::string& from) {
  json::object merged = parse_stored(into);
  for (const auto& member : parse_stored(from)) merged.emplace(member.key(), member.value());
  std::string text = json::serialize(merged);
  return text.size() <= max_meta_bytes ? text : into;
}

std::int64_t newest(Database& database, std::string_view table) {
  Statement statement{database, "select max(id) from " + std::string{table}};
  statement.step();
  return statement.number(0);
}

void log_end(Transaction& rows, const Contact& contact, std::string_view reason, TimePoint now) {
  LogItem item{.account = contact.account,
               .type = "contact.delete",
               .about = {.contact = contact.id},
               .meta = json::serialize(json::object{{"reason", reason}}),
               .created_at = now};
  rows.log().add(item);
}

}  // namespace

ContactRecordTable::ContactRecordTable(Database& database, ResourceStore<Contact>& contacts,
                                       Transaction& rows)
    : database_(database), contacts_(contacts), rows_(rows) {}

void ContactRecordTable::keep_identity(AccountKey account, std::string_view identity,
                                       ContactKey contact) {
  Statement{database_,
            "insert or replace into contact_identities (account, identity, contact) "
            "values (?1, ?2, ?3)"}
      .with(account.value, identity, contact.value)
      .run();
}

void ContactRecordTable::forget_identities(ContactKey contact) {
  Statement{database_, "delete from contact_identities where contact = ?1"}
      .with(contact.value)
      .run();
}

std::optional<ContactKey> ContactRecordTable::find_identity(AccountKey account,
                                                            std::string_view identity) const {
  Statement find{database_,
                 "select contact from contact_identities where account = ?1 and identity = ?2"};
  if (!find.with(account.value, identity).step()) return std::nullopt;
  return ContactKey{find.number(0)};
}

std::optional<ContactKey> ContactRecordTable::merged_into(ContactKey source) const {
  Statement find{database_, "select target from contact_merges where source = ?1"};
  if (!find.with(source.value).step()) return std::nullopt;
  return ContactKey{find.number(0)};
}

Result<void> ContactRecordTable::merge(const Contact& source, Contact into, TimePoint now) {
  const std::int64_t from = source.id.key.value;
  const std::int64_t to = into.id.key.value;
  Statement{database_, "update contact_identities set contact = ?2 where contact = ?1"}
      .with(from, to)
      .run();
  for (const std::string& identity : identities_of(source)) {
    keep_identity(source.account, identity, into.id.key);
  }
  Statement{database_, "update contact_merges set target = ?2 where target = ?1"}
      .with(from, to)
      .run();
  Statement{database_, R"sql(
    insert or replace into contact_merges (source, target, moved_to, running_for)
    values (?1, ?2, 0, ?3))sql"}
      .with(from, to, source.account.value)
      .run();
  if (auto few = check_running(database_, source.account); !few) return few;

  // Until its conversations have moved, it is there without anything to be known by.
  Contact moving = source;
  moving.fingerprint = "merged:" + std::to_string(from);
  moving.email.reset();
  moving.phone.reset();
  moving.updated_at = now;
  if (auto kept = contacts_.update(moving); !kept) return kept;

  take(into.name, source.name);
  take(into.description, source.description);
  take(into.email, source.email);
  take(into.phone, source.phone);
  take(into.nick, source.nick);
  take(into.preferences, source.preferences);
  into.meta = merged_meta(into.meta, source.meta);
  into.updated_at = now;
  if (auto kept = contacts_.update(into); !kept) return kept;
  rows_.start_job(source.account, JobKind::move_contact, from);
  return {};
}

Result<void> ContactRecordTable::erase(const Contact& contact, TimePoint now) {
  KnownBy known_by;
  for (const std::string& identity : identities_of(contact)) known_by.add(identity);
  Statement others{database_, "select identity from contact_identities where contact = ?1"};
  others.with(contact.id.key.value);
  while (others.step()) known_by.add(others.text(0));
  forget_identities(contact.id.key);
  Statement keep{database_, R"sql(
    insert or ignore into erasures (contact, tag, account, known_by, started_at, events_until)
    values (?1, ?2, ?3, ?4, ?5, (select coalesce(max(id), 0) from runs)))sql"};
  const std::string text = known_by.text();
  keep.bind(1, contact.id.key.value);
  keep.bind(2, tag_blob(contact.id.tag));
  keep.bind(3, contact.account.value);
  keep.bind(4, std::string_view{text});
  keep.bind(5, to_ms(now));
  if (keep.run() == 0) return {};  // it has begun
  if (auto few = check_running(database_, contact.account); !few) return few;

  const Contact empty{.id = contact.id,
                      .account = contact.account,
                      .fingerprint = "erased:" + std::to_string(contact.id.key.value),
                      .created_at = contact.created_at,
                      .updated_at = now};
  if (auto kept = contacts_.update(empty); !kept) return kept;
  rows_.start_job(contact.account, JobKind::erase_contact, contact.id.key.value);
  return {};
}

std::optional<Erasure> ContactRecordTable::find_erasure(const ContactId& contact) const {
  Statement find{database_, R"sql(
    select tag, started_at, finished_at, events, steps, conversations, messages, events_passed,
           conversations_passed, events_until, (select max(id) from conversations),
           account
      from erasures where contact = ?1)sql"};
  if (!find.with(contact.key.value).step()) return std::nullopt;
  if (tag_from(find.view(0)) != contact.tag) return std::nullopt;
  Erasure erasure{.contact = contact,
                  .account = AccountKey{find.number(11)},
                  .started_at = from_ms(find.number(1)),
                  .events = find.number(3),
                  .steps = find.number(4),
                  .conversations = find.number(5),
                  .messages = find.number(6)};
  read_value(find, 2, erasure.finished_at);
  const auto passed = static_cast<double>(find.number(7) + find.number(8));
  const auto all = static_cast<double>(std::max<std::int64_t>(1, find.number(9) + find.number(10)));
  erasure.progress = erasure.finished_at ? 1 : std::min(0.99, passed / all);
  return erasure;
}

bool move_contact(WriteSession& session, ContactKey source, TimePoint now) {
  Database& database = session.database();
  SqliteTransaction& rows = session.transaction();
  Statement merge{database, "select target, moved_to from contact_merges where source = ?1"};
  if (!merge.with(source.value).step()) return false;
  const std::int64_t target = merge.number(0);
  const std::int64_t passed = merge.number(1);
  merge.reset();

  std::vector<std::int64_t> found;
  Statement conversations{database, conversations_sql};
  conversations.with(passed, passed + stretch_rows, source.value, stretch_rows);
  while (conversations.step()) found.push_back(conversations.number(0));
  Statement note_stale{database, note_stale_sql};
  Statement move{database, "update conversations set contact = ?2 where id = ?1"};
  for (const std::int64_t conversation : found) {
    note_stale.with(conversation).run();
    move.with(conversation, target).run();
  }
  session.written().indexable = true;
  Statement{database, "update contact_merges set moved_to = ?2 where source = ?1"}
      .with(source.value, passed + stretch_rows)
      .run();
  if (passed + stretch_rows < newest(database, "conversations")) return true;
  Statement{database, "update contact_merges set running_for = null where source = ?1"}
      .with(source.value)
      .run();
  rows.memory_table().move(source, ContactKey{target});
  if (const auto contact = rows.contacts().find(source)) {
    log_end(rows, *contact, "merged", now);
    rows.contacts().remove(source);
    rows.start_job(contact->account, JobKind::remove_values_of_contact, source.value);
  }
  return false;
}

namespace {

// One erasure under way; each function is a part of a chunk.
class Eraser {
 public:
  Eraser(WriteSession& session, ContactKey contact, TimePoint now)
      : session_(session), database_(session.database()), contact_(contact), now_(now) {}

  bool run_chunk() {
    Statement erasure{database_, R"sql(
      select account, known_by, events_passed, conversations_passed, events_until from erasures
       where contact = ?1 and finished_at is null)sql"};
    if (!erasure.with(contact_.value).step()) return false;
    account_ = AccountKey{erasure.number(0)};
    known_by_ = KnownBy::parse(erasure.view(1));
    const std::int64_t events_passed = erasure.number(2);
    const std::int64_t conversations_passed = erasure.number(3);
    // Later ones are of somebody who is known anew.
    const std::int64_t events_until = erasure.number(4);
    erasure.reset();
    if (erase_replays()) return true;
    if (events_passed < events_until) return erase_events(events_passed, events_until);
    if (conversations_passed < newest(database_, "conversations")) {
      return erase_conversations(conversations_passed);
    }
    if (erase_memories()) return true;
    finish();
    return false;
  }

 private:
  struct Found {
    RunId run;
    std::int64_t trigger = 0;
    std::string session;
    bool is_pending = false;
  };

  static Found read_found(const Statement& event) {
    return {.run = RunId{event.number(0)},
            .trigger = event.number(1),
            .session = event.text(2),
            .is_pending = is_pending(static_cast<RunState>(event.number(3)))};
  }

  // What was sent again of an erased event, and that again, however late: a copy has a higher
  // number than what it was made of, and none is made of an event that is empty.
  bool erase_replays() {
    std::vector<Found> found;
    Statement replays{database_, replays_sql};
    replays.with(contact_.value, changed_rows);
    while (replays.step()) found.push_back(read_found(replays));
    if (found.empty()) return false;
    for (const Found& one : found) {
      erase_event(one);
      Statement{database_, "delete from erasure_replays where contact = ?1 and event = ?2"}
          .with(contact_.value, one.run.value)
          .run();
    }
    count_erased();
    return true;
  }

  bool erase_events(std::int64_t passed, std::int64_t until) {
    std::int64_t last = std::min(passed + stretch_rows, until);
    std::vector<Found> found;
    Statement events{database_, events_sql};
    events.with(passed, last, account_.value, contact_.value);
    while (events.step()) {
      if (!is_of_contact(events)) continue;
      found.push_back(read_found(events));
      if (std::ssize(found) < changed_rows) continue;
      last = found.back().run.value;
      break;
    }
    events.reset();
    for (const Found& one : found) erase_event(one);
    count_erased();
    Statement{database_, "update erasures set events_passed = ?2 where contact = ?1"}
        .with(contact_.value, last)
        .run();
    return true;
  }

  void count_erased() {
    Statement{database_,
              "update erasures set events = events + ?2, steps = steps + ?3 where contact = ?1"}
        .with(contact_.value, events_, steps_)
        .run();
  }

  bool is_of_contact(const Statement& event) const {
    if (event.number(4) != 0) return true;
    const ContactClaim claim{.name = event.text(5), .email = event.text(6), .phone = event.text(7)};
    return known_by_.names(account_, TriggerKey{event.number(1)}, claim);
  }

  void erase_event(const Found& found) {
    if (found.is_pending) session_.records().cancel(found.run, erased_reason, now_);
    if (!found.session.empty()) {
      Statement{database_, "delete from sessions where trigger = ?1 and key = ?2"}
          .with(found.trigger, std::string_view{found.session})
          .run();
    }
    Statement{database_, note_replays_sql}.with(contact_.value, found.run.value).run();
    events_ += Statement{database_, scrub_event_sql}.with(found.run.value, to_ms(now_)).run();
    Statement{database_, "delete from event_bodies where event = ?1"}.with(found.run.value).run();
    Statement{database_, scrub_run_sql}.with(found.run.value).run();
    Statement{database_, remove_approvals_sql}.with(found.run.value).run();
    steps_ += Statement{database_, scrub_steps_sql}.with(found.run.value).run();
  }

  bool erase_conversations(std::int64_t passed) {
    std::vector<std::int64_t> found;
    Statement conversations{database_, conversations_sql};
    conversations.with(passed, passed + stretch_rows, contact_.value, changed_rows);
    while (conversations.step()) found.push_back(conversations.number(0));
    std::int64_t messages = 0;
    for (const std::int64_t conversation : found) messages += erase_conversation(conversation);
    const bool has_passed = static_cast<std::int64_t>(found.size()) < changed_rows;
    Statement{database_, R"sql(
      update erasures set conversations = conversations + ?2, messages = messages + ?3,
             conversations_passed = ?4
       where contact = ?1)sql"}
        .with(contact_.value, static_cast<std::int64_t>(found.size()), messages,
              has_passed ? passed + stretch_rows : found.back())
        .run();
    return true;
  }

  // In the transaction that ends the erasure none is left, whatever a run remembered meanwhile.
  bool erase_memories() {
    MemoryTable& memories = session_.transaction().memory_table();
    return memories.remove_some(MemoryOf::contact, contact_.value, changed_rows) == changed_rows;
  }

  // Gives the messages that it ever had; they go in a job of their own, which this one waits for no
  // more than a deleted conversation does.
  std::int64_t erase_conversation(std::int64_t conversation) {
    SqliteTransaction& rows = session_.transaction();
    Statement count{database_, "select messages from conversations where id = ?1"};
    count.with(conversation).step();
    const std::int64_t messages = count.number(0);
    count.reset();
    rows.conversations().remove(ConversationKey{conversation});
    rows.start_job(account_, JobKind::remove_messages, conversation);
    return messages;
  }

  void finish() {
    SqliteTransaction& rows = session_.transaction();
    Statement{database_, "update erasures set known_by = '[]', finished_at = ?2 where contact = ?1"}
        .with(contact_.value, to_ms(now_))
        .run();
    const auto contact = rows.contacts().find(contact_);
    if (!contact) return;
    log_end(rows, *contact, "erased", now_);
    rows.contacts().remove(contact_);
    rows.start_job(account_, JobKind::remove_values_of_contact, contact_.value);
  }

  WriteSession& session_;
  Database& database_;
  const ContactKey contact_;
  const TimePoint now_;
  AccountKey account_;
  KnownBy known_by_;
  std::int64_t events_ = 0;  // erased in this chunk
  std::int64_t steps_ = 0;
};

}  // namespace

bool erase_contact(WriteSession& session, ContactKey contact, TimePoint now) {
  return Eraser{session, contact, now}.run_chunk();
}

}  // namespace bellpull
