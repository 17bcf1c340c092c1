#include "sqlite/jobs.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/memory.h"
#include "sqlite/attachment_table.h"
#include "sqlite/bulk_chunk.h"
#include "sqlite/contact_records.h"
#include "sqlite/conversation_table.h"
#include "sqlite/database.h"
#include "sqlite/file_table.h"
#include "sqlite/record_table.h"
#include "sqlite/transaction.h"
#include "sqlite/write_session.h"
#include "sqlite/writer.h"
#include "store/removal.h"
#include "store/run_records.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Rows of one chunk: a quarter of a millisecond of the writer's time in each commit.
constexpr std::int64_t chunk_rows = 25;
// Beyond which a commit begins no further job.
constexpr std::chrono::microseconds max_time{1'000};

// Notes of changed conversations, each of which every list of conversations reads until the index
// has followed. A merge notes hundreds a chunk, faster than that: beyond these it waits.
constexpr std::int64_t max_notes = 4'000;
constexpr std::string_view notes_sql = R"sql(
  select coalesce((select max(id) from stale) - (select min(id) from stale), 0))sql";

// The oldest job of the first account after another; ?2 is whether conversations may move (22).
constexpr std::string_view next_sql = R"sql(
  select id, kind, subject, account from jobs where account > ?1 and (?2 or kind <> 22)
   order by account, id limit 1)sql";
static_assert(static_cast<int>(JobKind::move_contact) == 22);

// Whether rows are left.
bool cancel_trigger_runs(WriteSession& session, TriggerKey trigger, TimePoint now) {
  const std::vector<PendingRun> runs =
      session.transaction().run_table().pending(trigger, 0, chunk_rows);
  for (const PendingRun& run : runs) session.records().cancel(run.run, "trigger deleted", now);
  if (static_cast<std::int64_t>(runs.size()) == chunk_rows) return true;
  Statement{session.database(), "delete from rejected_requests where trigger = ?1"}
      .with(trigger.value)
      .run();
  Statement forget{session.database(),
                   "delete from sessions where trigger = ?1 and key in "
                   "(select key from sessions where trigger = ?1 limit ?2)"};
  return forget.with(trigger.value, chunk_rows).run() == chunk_rows;
}

bool remove_messages(WriteSession& session, std::int64_t conversation) {
  Statement remove{session.database(),
                   "delete from messages where conversation = ?1 and number in "
                   "(select number from messages where conversation = ?1 limit ?2)"};
  return remove.with(conversation, chunk_rows).run() == chunk_rows;
}

bool remove_abilities(WriteSession& session, std::int64_t skillset) {
  auto& abilities = session.transaction().ability_table();
  return abilities.remove_some("skillset", skillset, chunk_rows) == chunk_rows;
}

bool remove_personal_values(WriteSession& session, std::int64_t secret) {
  // All of a secret that is gone; of one that was revoked, those from before.
  Statement remove{session.database(), R"sql(
    delete from personal_secrets where id in
      (select id from personal_secrets where secret = ?1 and
         id <= coalesce((select revoked_through from secrets where id = ?1), 9223372036854775807)
        limit ?2))sql"};
  return remove.with(secret, chunk_rows).run() == chunk_rows;
}

bool remove_values_of_contact(WriteSession& session, std::int64_t contact) {
  Statement remove{session.database(),
                   "delete from personal_secrets where id in "
                   "(select id from personal_secrets where contact = ?1 limit ?2)"};
  if (remove.with(contact, chunk_rows).run() == chunk_rows) return true;
  return session.transaction().memory_table().remove_some(MemoryOf::contact, contact, chunk_rows) ==
         chunk_rows;
}

bool remove_memories(WriteSession& session, std::int64_t bot) {
  return session.transaction().memory_table().remove_some(MemoryOf::bot, bot, chunk_rows) ==
         chunk_rows;
}

bool remove_records(WriteSession& session, DatasetKey dataset) {
  SqliteTransaction& rows = session.transaction();
  return rows.record_table().remove_some_of(dataset) ||
         rows.attachment_table().remove_some("dataset", dataset.value, chunk_rows) == chunk_rows;
}

bool remove_imports(WriteSession& session, AttachmentKey attachment) {
  SqliteTransaction& rows = session.transaction();
  if (rows.record_table().remove_some_hidden(attachment)) return true;
  rows.attachment_table().forget_detached(attachment);
  return false;
}

// Each goes as if it had been deleted by hand.
bool remove_expired(WriteSession& session, TimePoint until, TimePoint now) {
  SqliteTransaction& rows = session.transaction();
  Statement expired{session.database(), expired_conversations_sql};
  std::vector<ConversationKey> keys;
  expired.with(to_ms(until), chunk_rows);
  while (expired.step()) keys.push_back(ConversationKey{expired.number(0)});
  for (const ConversationKey key : keys) {
    const std::optional<Conversation> conversation = rows.conversations().find(key);
    if (!conversation) continue;
    LogItem item{.account = conversation->account,
                 .type = "conversation.delete",
                 .about = {.bot = conversation->bot,
                           .conversation = conversation->id,
                           .contact = conversation->contact},
                 .meta = R"({"reason":"expired"})",
                 .created_at = now};
    rows.log().add(item);
    rows.conversations().remove(key);
    rows.start_job(conversation->account, JobKind::remove_messages, key.value);
  }
  return static_cast<std::int64_t>(keys.size()) == chunk_rows;
}

bool run_chunk(WriteSession& session, AccountKey account, JobKind kind, std::int64_t subject,
               TimePoint now) {
  switch (kind) {
    case JobKind::cancel_trigger_runs:
      return cancel_trigger_runs(session, TriggerKey{subject}, now);
    case JobKind::remove_messages:
      return remove_messages(session, subject);
    case JobKind::remove_abilities:
      return remove_abilities(session, subject);
    case JobKind::remove_personal_values:
      return remove_personal_values(session, subject);
    case JobKind::remove_values_of_contact:
      return remove_values_of_contact(session, subject);
    case JobKind::remove_memories:
      return remove_memories(session, subject);
    case JobKind::remove_members:
      return remove_members(session.transaction(), account, BlueprintKey{subject}, chunk_rows, now);
    case JobKind::bulk:
      return run_bulk_chunk(session, BulkJobId{subject}, now);
    case JobKind::remove_records:
      return remove_records(session, DatasetKey{subject});
    case JobKind::remove_imports:
      return remove_imports(session, AttachmentKey{subject});
    case JobKind::remove_upload:
      return session.transaction().file_table().remove_some_of(subject);
    case JobKind::move_contact:
      return move_contact(session, ContactKey{subject}, now);
    case JobKind::erase_contact:
      return erase_contact(session, ContactKey{subject}, now);
    case JobKind::remove_expired:
      return remove_expired(session, from_ms(subject), now);
    case JobKind::trim_log:
      return session.transaction().log_table().trim(subject, chunk_rows) == chunk_rows;
  }
  return false;
}

}  // namespace

Jobs::Jobs(Writer& writer, const Clock& clock, Log& log)
    : writer_(writer), clock_(clock), log_(log) {}

void Jobs::wake() {
  more_ = true;
  if (submitted_ || stopped_) return;
  submitted_ = true;
  writer_.submit_background(*this);
}

void Jobs::index_followed() {
  if (waits_for_index_) wake();
}

void Jobs::committed() {
  if (!put_off_) return;
  put_off_ = false;
  wake();
}

// One chunk, and when that ended its job, more while they are small: deleting thousands of
// conversations leaves as many jobs of a few rows.
void Jobs::run(WriteSession& session) {
  const std::int64_t until = session.database().total_changes() + chunk_rows;
  const auto stop_at = std::chrono::steady_clock::now() + max_time;
  while (run_next(session) == Ended::yes && session.database().total_changes() < until) {
    if (std::chrono::steady_clock::now() >= stop_at) break;
  }
}

Jobs::Ended Jobs::run_next(WriteSession& session) {
  constexpr std::int64_t before_all = -1;
  Statement notes{session.database(), notes_sql};
  notes.step();
  const std::int64_t may_move = notes.number(0) < max_notes ? 1 : 0;
  waits_for_index_ = may_move == 0;
  Statement next{session.database(), next_sql};
  more_ = next.with(last_served_.value, may_move).step() || next.with(before_all, may_move).step();
  if (!more_) return Ended::no;
  const std::int64_t id = next.number(0);
  const auto kind = static_cast<JobKind>(next.number(1));
  const std::int64_t subject = next.number(2);
  last_served_ = AccountKey{next.number(3)};
  next.reset();
  if (run_chunk(session, last_served_, kind, subject, clock_.now())) return Ended::no;
  Statement{session.database(), "delete from jobs where id = ?1"}.with(id).run();
  return Ended::yes;
}

void Jobs::done(std::exception_ptr failure) {
  submitted_ = false;
  if (failure) {
    log_.warning("store", "a background job waits for the store", {});
    put_off_ = true;
    return;
  }
  if (more_) wake();
}

}  // namespace bellpull
