#include "sqlite/migrations.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sqlite/contact_identities.h"
#include "sqlite/database.h"
#include "sqlite/key_digest.h"
#include "sqlite/meta_index.h"

namespace bellpull {

namespace {

// Times are milliseconds since the Unix epoch. States and kinds are the numbers of their enums.
// A reference holds the number of the other row; one whose row is gone reads as no reference.
constexpr std::string_view resources = R"sql(
create table accounts (
  id integer primary key autoincrement, tag blob not null, name text not null,
  state integer not null, created_at integer not null);

create table tokens (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  digest blob not null unique, name text not null, description text not null, meta text not null,
  scopes integer not null, timestamps integer not null, expires_at integer,
  created_at integer not null, updated_at integer not null);
create index tokens_account on tokens (account, id);

create table bots (
  id integer primary key autoincrement, tag blob not null, account integer not null, alias text,
  name text not null, description text not null, backstory text not null, model text, dataset text,
  skillset integer, blueprint integer, privacy integer not null, moderation integer not null,
  visibility integer not null, meta text not null,
  created_at integer not null, updated_at integer not null);
create index bots_account on bots (account, id);
create unique index bots_alias on bots (account, alias) where alias is not null;

create table skillsets (
  id integer primary key autoincrement, tag blob not null, account integer not null, alias text,
  name text not null, description text not null, blueprint integer, visibility integer not null,
  state integer not null, meta text not null,
  created_at integer not null, updated_at integer not null);
create index skillsets_account on skillsets (account, id);
create unique index skillsets_alias on skillsets (account, alias) where alias is not null;

create table abilities (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  skillset integer not null, alias text, name text not null, description text not null,
  instruction text not null, blueprint integer, bot integer, secret text, file text, space text,
  state integer not null, meta text not null,
  created_at integer not null, updated_at integer not null);
create index abilities_skillset on abilities (skillset, id);
create index abilities_account on abilities (account, id);
create unique index abilities_alias on abilities (account, alias) where alias is not null;

create table triggers (
  id integer primary key autoincrement, tag blob not null, account integer not null, alias text,
  name text not null, description text not null, blueprint integer, bot integer,
  sealed_secret blob not null, authenticate integer not null, schedule text, timezone text,
  schedule_anchor integer not null, session_duration integer, last_trigger_at integer,
  next_trigger_at integer, meta text not null, version integer not null, deleted_at integer,
  created_at integer not null, updated_at integer not null);
create index triggers_account on triggers (account, id) where deleted_at is null;
create unique index triggers_alias on triggers (account, alias)
  where alias is not null and deleted_at is null;

create table contacts (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  name text not null, description text not null, fingerprint text not null, email text, phone text,
  email_key text, phone_key text, nick text, preferences text, verified_at integer,
  meta text not null, created_at integer not null, updated_at integer not null);
create index contacts_account on contacts (account, id);
create unique index contacts_fingerprint on contacts (account, fingerprint);
create index contacts_email on contacts (account, email_key, id) where email_key is not null;
create index contacts_phone on contacts (account, phone_key, id) where phone_key is not null;
)sql";

// What grows without end has an integer key and partial indexes only (docs/architecture.md).
constexpr std::string_view events_and_runs = R"sql(
create table events (
  id integer primary key, trigger integer not null, account integer not null,
  source integer not null, received_at integer not null, method text not null,
  content_type text not null, query text not null, headers text not null, session text not null,
  contact_name text, contact_email text, contact_phone text, idempotency_key text,
  body blob);
create unique index events_idempotency on events (trigger, idempotency_key)
  where idempotency_key is not null;

-- Bodies over 8 KiB; events.body is null then.
create table event_bodies (event integer primary key, body blob not null);

create table runs (
  id integer primary key, trigger integer not null, account integer not null,
  session integer, state integer not null, attempt integer not null default 0,
  lease_number integer not null default 0, lease_expires_at integer, due_at integer,
  conversation integer, first_message integer, started_at integer, ended_at integer, reason text,
  error_message text, steps integer not null default 0, model_calls integer not null default 0,
  action_calls integer not null default 0, input_tokens integer not null default 0,
  output_tokens integer not null default 0);
create index runs_pending on runs (trigger, id) where state <= 3;
create index runs_session on runs (session, id) where state <= 3 and session is not null;

create table steps (
  run integer not null, number integer not null, kind integer not null, attempt integer not null,
  created_at integer not null, content text not null, primary key (run, number)) without rowid;
)sql";

constexpr std::string_view conversations = R"sql(
create table conversations (
  id integer primary key autoincrement, tag blob not null, account integer not null, name text not null,
  description text not null, trigger integer, bot integer, contact integer, task text, space text,
  model text, backstory text, dataset text, skillset integer, privacy integer not null default 0,
  moderation integer not null default 0, expires_at integer, meta text not null,
  messages integer not null default 0,
  created_at integer not null, updated_at integer not null);

-- With `run` set and no text of its own, a message is rendered from that run's step.
create table messages (
  conversation integer not null, number integer not null, type integer not null, run integer,
  step integer, part integer, text text, name text, description text, meta text,
  created_at integer not null, updated_at integer, primary key (conversation, number)) without rowid;

create table sessions (
  trigger integer not null, key text not null, conversation integer not null,
  bot integer not null, received_at integer not null, primary key (trigger, key)) without rowid;

create table jobs (
  id integer primary key autoincrement, kind integer not null, subject integer not null,
  progress integer not null default 0);

-- Conversations that changed after they were indexed (see the index file).
create table stale (id integer primary key autoincrement, conversation integer not null);
)sql";

// One row, which opens under the master key that the secrets of this file were sealed with.
constexpr std::string_view key_proof = R"sql(
create table key_proof (sealed blob not null);
)sql";

// Only a run's death adds to it; ingest does not. With the state in it, it is read alone.
constexpr std::string_view dead_letters = R"sql(
create index runs_dead on runs (account, id, state) where state = 8;
)sql";

// Jobs from before it count as one account's.
constexpr std::string_view jobs_of_accounts = R"sql(
alter table jobs add column account integer not null default 0;
create index jobs_account on jobs (account, id);
)sql";

// Blueprints, datasets with their records, secrets and files; what referred to them before they
// were there could name nothing. A file's content is a row of its own, so that lists do not pass
// it.
constexpr std::string_view more_resources = R"sql(
create table blueprints (
  id integer primary key autoincrement, tag blob not null, account integer not null, alias text,
  name text not null, description text not null, config text not null,
  visibility integer not null, meta text not null,
  created_at integer not null, updated_at integer not null);
create index blueprints_account on blueprints (account, id);
create unique index blueprints_alias on blueprints (account, alias) where alias is not null;

create table datasets (
  id integer primary key autoincrement, tag blob not null, account integer not null, alias text,
  name text not null, description text not null, blueprint integer, store text not null,
  reranker text, record_max_tokens integer, search_min_score real, search_max_records integer,
  search_max_tokens integer, match_instruction text, mismatch_instruction text, separators text,
  visibility integer not null, meta text not null,
  created_at integer not null, updated_at integer not null);
create index datasets_account on datasets (account, id);
create unique index datasets_alias on datasets (account, alias) where alias is not null;

create table records (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  dataset integer not null, text text not null, source text, meta text not null,
  created_at integer not null, updated_at integer not null);
create index records_dataset on records (dataset, id);

create table secrets (
  id integer primary key autoincrement, tag blob not null, account integer not null, alias text,
  name text not null, description text not null, blueprint integer, kind integer not null,
  type integer not null, sealed_value blob not null, sealed_config blob not null,
  visibility integer not null, meta text not null,
  created_at integer not null, updated_at integer not null);
create index secrets_account on secrets (account, id);
create unique index secrets_alias on secrets (account, alias) where alias is not null;

create table files (
  id integer primary key autoincrement, tag blob not null, account integer not null, alias text,
  name text not null, description text not null, blueprint integer, content_type text,
  content_size integer, visibility integer not null, meta text not null,
  created_at integer not null, updated_at integer not null);
create index files_account on files (account, id);
create unique index files_alias on files (account, alias) where alias is not null;
create table file_contents (file integer primary key, body blob not null);

alter table bots drop column dataset;
alter table bots add column dataset integer;
alter table conversations drop column dataset;
alter table conversations add column dataset integer;
alter table abilities drop column secret;
alter table abilities add column secret integer;
alter table abilities drop column file;
alter table abilities add column file integer;

create index bots_blueprint on bots (blueprint, id) where blueprint is not null;
create index skillsets_blueprint on skillsets (blueprint, id) where blueprint is not null;
create index abilities_blueprint on abilities (blueprint, id) where blueprint is not null;
create index datasets_blueprint on datasets (blueprint, id) where blueprint is not null;
create index secrets_blueprint on secrets (blueprint, id) where blueprint is not null;
create index files_blueprint on files (blueprint, id) where blueprint is not null;
create index triggers_blueprint on triggers (blueprint, id)
  where blueprint is not null and deleted_at is null;
create index triggers_bot on triggers (bot, id) where bot is not null and deleted_at is null;
)sql";

// See meta_index.h.
constexpr std::string_view meta_values = R"sql(
create table meta_values (
  account integer not null, term integer not null, id integer not null,
  primary key (account, term, id)) without rowid;
)sql";

// A row of usage is what one account used on one day through one trigger and bot, of one model; the
// numbers stay when what they name is gone. Prices are the whole server's.
constexpr std::string_view usage = R"sql(
create table usage (
  id integer primary key, account integer not null, day integer not null,
  trigger integer not null, bot integer not null, model text not null,
  runs integer not null, conversations integer not null, messages integer not null,
  model_calls integer not null, action_calls integer not null, input_tokens integer not null,
  cached_tokens integer not null, output_tokens integer not null, cost integer not null,
  unpriced_calls integer not null, unique (account, day, trigger, bot, model));
create index usage_account on usage (account, id);
create table prices (
  model text primary key, input integer not null, cached_input integer, output integer not null,
  updated_at integer not null) without rowid;

alter table runs add column bot integer;
alter table runs add column cost integer not null default 0;
alter table runs add column unpriced_calls integer not null default 0;
)sql";

// Revoking a secret voids its personal values at once, however many there are: those up to a row.
constexpr std::string_view personal_secrets = R"sql(
create table personal_secrets (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  secret integer not null, contact integer not null, sealed_value blob not null,
  created_at integer not null, updated_at integer not null);
create index personal_secrets_contact on personal_secrets (contact, id);
create index personal_secrets_secret on personal_secrets (secret, id);
alter table secrets add column revoked_through integer not null default 0;
)sql";

// The idempotency keys that count, apart from the events, which keep theirs as a record. A row for
// an event that has one; the others cost nothing.
constexpr std::string_view keys_of_events = R"sql(
create table event_keys (
  event integer primary key, trigger integer not null, key text not null,
  expires_at integer not null);
create unique index event_keys_key on event_keys (trigger, key);
insert into event_keys (event, trigger, key, expires_at)
  select id, trigger, idempotency_key, received_at + 86400000 from events
   where idempotency_key is not null order by id;
drop index events_idempotency;
)sql";

// Answers of calls that had an idempotency key; `total` is the sum of `bytes` of the account's
// answers up to and with this one.
constexpr std::string_view answers = R"sql(
create table answers (
  id integer primary key, account integer not null, token integer not null, path text not null,
  key text not null, sealed blob not null, expires_at integer not null, bytes integer not null,
  total integer not null);
create unique index answers_key on answers (token, path, key);
create index answers_account on answers (account, id);
)sql";

// Ingest adds to neither index: an event is no replay, and a run meets its conversation later.
constexpr std::string_view inbox = R"sql(
alter table events add column replay_of integer;
alter table events add column body_removed_at integer;
create index events_replay_of on events (replay_of) where replay_of is not null;
create index runs_conversation on runs (conversation, id) where conversation is not null;
)sql";

// The index is what the queue reads at its start.
constexpr std::string_view trigger_states = R"sql(
alter table triggers add column sealed_previous_secret blob not null default x'';
alter table triggers add column previous_secret_until integer;
alter table triggers add column state integer not null default 0;
alter table triggers add column rate_limit integer;
create index triggers_paused on triggers (id) where state = 1;
)sql";

constexpr std::string_view delivery_ids = R"sql(
alter table triggers add column delivery_id text;
)sql";

// `selection` is what `filter` came to mean.
constexpr std::string_view bulk_jobs = R"sql(
create table bulk_jobs (
  id integer primary key autoincrement, account integer not null, action integer not null,
  state integer not null default 0, filter text not null, selection text not null,
  passed integer not null default 0, done integer not null default 0,
  skipped integer not null default 0, created_at integer not null, updated_at integer not null,
  ended_at integer);
create index bulk_jobs_account on bulk_jobs (account, id);
)sql";

constexpr std::string_view rejected = R"sql(
create table rejected_requests (
  id integer primary key autoincrement, account integer not null, trigger integer not null,
  cause integer not null, address text not null, count integer not null,
  first_at integer not null, last_at integer not null);
create index rejected_account on rejected_requests (account, id);
create index rejected_trigger on rejected_requests (trigger, id);
)sql";

// No endpoint made a record or a content before this. A record's text comes last in its row, so
// that what is asked of many records lies before what may be long. The words are indexed under
// their dataset (record_index.cpp), and merged by the writer itself, a bounded amount at a time.
constexpr std::string_view searched_records = R"sql(
drop table records;
create table records (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  dataset integer not null, attachment integer, import integer not null, source text,
  meta text not null, created_at integer not null, updated_at integer not null,
  text text not null);
create index records_dataset on records (dataset, id);
create index records_attachment on records (attachment, import, id) where attachment is not null;

create virtual table record_words using fts5 (words, content = '', tokenize = 'ascii');
insert into record_words (record_words, rank) values ('automerge', 0);
insert into record_words (record_words, rank) values ('crisismerge', 64);
create table dataset_sizes (
  dataset integer primary key, records integer not null, words integer not null);

create table attachments (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  dataset integer not null, file integer not null, state integer not null, problem text not null,
  last_import integer not null, shown_import integer not null, records integer not null,
  created_at integer not null, updated_at integer not null, unique (dataset, file));
create index attachments_dataset on attachments (dataset, id);
create index attachments_file on attachments (file, id);
create index attachments_importing on attachments (account, id) where state = 0;

-- A file's content is one upload; an upload that is still arriving has a row of its own.
drop table file_contents;
alter table files add column content integer;
create table uploads (
  id integer primary key autoincrement, account integer not null, file integer not null,
  started_at integer not null);
create table upload_pieces (
  upload integer not null, number integer not null, bytes blob not null,
  primary key (upload, number));
)sql";

// A run names its first entry, from which the others take what they are about.
constexpr std::string_view event_log = R"sql(
create table log_items (
  id integer primary key, account integer not null, type text not null,
  created_at integer not null, run integer, name text, meta text, trigger integer, bot integer,
  blueprint integer, conversation integer, contact integer, dataset integer, record integer,
  skillset integer, ability integer, file integer, secret integer, tags blob not null);
alter table runs add column log_item integer;

create index conversations_expiry on conversations (expires_at) where expires_at is not null;
)sql";

// What merged contacts were known by leads to the one that they became. A merge and an erasure go
// through rows by their numbers, and note how far they are.
constexpr std::string_view contact_records = R"sql(
create table contact_identities (
  account integer not null, identity text not null, contact integer not null,
  primary key (account, identity)) without rowid;
create index contact_identities_contact on contact_identities (contact);
create table contact_merges (
  source integer primary key, target integer not null, moved_to integer not null);
create index contact_merges_target on contact_merges (target);
create table erasures (
  contact integer primary key, tag blob not null, account integer not null, known_by text not null,
  started_at integer not null, finished_at integer, events_until integer not null,
  events_passed integer not null default 0, conversations_passed integer not null default 0,
  events integer not null default 0, steps integer not null default 0,
  conversations integer not null default 0, messages integer not null default 0);
)sql";

// What a changed conversation was before, see conversation_table.h.
constexpr std::string_view what_stale_rows_were = R"sql(
alter table stale add column was text;
)sql";

// Replays of erased events, until they are erased too.
constexpr std::string_view erased_replays = R"sql(
create table erasure_replays (
  contact integer not null, event integer not null, primary key (contact, event)) without rowid;
)sql";

// Of those that are under way, which every run that opens looks at.
constexpr std::string_view open_erasures = R"sql(
create index erasures_open on erasures (account) where finished_at is null;
)sql";

// A merged contact is there until its merge has ended.
constexpr std::string_view running_merges = R"sql(
alter table contact_merges add column running_for integer;
update contact_merges
   set running_for = (select account from contacts where id = contact_merges.source);
create index contact_merges_running on contact_merges (running_for)
  where running_for is not null;
)sql";

// Kept answers are sealed for the key that they were given under, so they cannot be moved to its
// digest: those of the last day go.
constexpr std::string_view answers_by_digest = R"sql(
delete from answers;
)sql";

constexpr std::string_view starts_of_imports = R"sql(
alter table attachments add column starts integer not null default 0;
)sql";

// An entry about the same as its run's first one repeats none of it (log_table.h).
constexpr std::string_view log_openings = R"sql(
alter table log_items add column opening integer;
create view log_entries as
  select i.id, i.account, i.type, i.created_at, i.run, i.name, i.meta,
         coalesce(i.trigger, o.trigger) as trigger, coalesce(i.bot, o.bot) as bot,
         coalesce(i.blueprint, o.blueprint) as blueprint,
         coalesce(i.conversation, o.conversation) as conversation,
         coalesce(i.contact, o.contact) as contact, i.dataset, i.record, i.skillset, i.ability,
         i.file, i.secret, coalesce(o.tags, '') as opening_tags, i.tags
    from log_items i left join log_items o on o.id = i.opening;
)sql";

// A trigger says itself what its next occurrence is, so that a start reads an index and no
// schedule. The event of an occurrence is the occurrence: the index makes it the only one.
// A resumed schedule counts failures of later events: clocks may be set, ids only grow.
constexpr std::string_view schedules = R"sql(
alter table triggers add column schedule_start_at integer;
alter table triggers add column schedule_end_at integer;
alter table triggers add column schedule_jitter integer;
alter table triggers add column schedule_catch_up integer not null default 0;
alter table triggers add column schedule_catch_up_limit integer;
alter table triggers add column schedule_catch_up_window integer;
alter table triggers add column schedule_overlap integer not null default 0;
alter table triggers add column schedule_pause_after integer;
alter table triggers add column schedule_body text;
alter table triggers add column schedule_session text;
alter table triggers add column schedule_contact text;
alter table triggers add column schedule_state integer not null default 0;
alter table triggers add column schedule_error text;
alter table triggers add column schedule_resumed_at integer not null default 0;
alter table triggers add column schedule_resumed_after integer not null default 0;
create trigger schedule_resumed after update of schedule_resumed_at on triggers
  when new.schedule_resumed_at <> old.schedule_resumed_at begin
  update triggers set schedule_resumed_after = (select coalesce(max(id), 0) from events)
   where id = new.id;
end;
alter table triggers add column next_due_at integer;
update triggers set next_due_at = next_trigger_at where next_trigger_at is not null;
create index triggers_due on triggers (next_trigger_at, id) where next_trigger_at is not null;

alter table events add column scheduled_at integer;
create unique index events_occurrence on events (trigger, scheduled_at)
  where scheduled_at is not null;
)sql";

// What next times were made by. Those that stand in the rows by now are of a time before there was
// a scheduler: nothing of it is due. The scheduler makes them anew, from its first start on.
constexpr std::string_view schedule_basis = R"sql(
create table schedule_basis (
  only_row integer primary key check (only_row = 1), rules text not null, seen_at integer not null);
create index triggers_unreadable on triggers (id) where schedule_state = 2;
update triggers set next_due_at = null, next_trigger_at = null where next_trigger_at is not null;
)sql";

// See store/done_calls.h.
constexpr std::string_view done_calls = R"sql(
create table done_calls (
  id integer primary key autoincrement, account integer not null, key text not null,
  result text not null, expires_at integer not null, unique (account, key));
)sql";

// Old events were sent by nobody's run.
constexpr std::string_view hops_of_events = R"sql(
alter table events add column hops integer not null default 0;
)sql";

// A subject is a contact (owner 0) or a bot (1).
constexpr std::string_view memories = R"sql(
create table memories (
  id integer primary key autoincrement, account integer not null, owner integer not null,
  subject integer not null, text text not null, created_at integer not null);
create index memories_subject on memories (owner, subject, account, id);
)sql";

// A run that was woken while it ran, under this lease, is due at once when it ends as waiting.
constexpr std::string_view approvals = R"sql(
create table approvals (
  id integer primary key autoincrement, tag blob not null, account integer not null,
  run integer not null, trigger integer not null, conversation integer, call_key text not null,
  question text not null, details text, state integer not null, expires_at integer not null,
  decided_at integer, decided_by text not null, decider_name text not null, note text not null,
  created_at integer not null);
create unique index approvals_call on approvals (call_key);
create index approvals_run on approvals (run, id);
create index approvals_state on approvals (account, state, id);
create index approvals_trigger on approvals (trigger, id);
create index approvals_conversation on approvals (conversation, id);
alter table runs add column woken_lease integer;
)sql";

// Calls whose outcome nobody knew, and those of them that a person has looked into. Only such a
// call adds to the index.
constexpr std::string_view unknown_outcomes = R"sql(
alter table runs add column unknown_calls integer not null default 0;
alter table runs add column resolved_calls integer not null default 0;
update runs set unknown_calls = found.calls
  from (select run, count(*) as calls from steps
         where kind = 3 and instr(content, ',"result":{"error":"outcome_unknown","message":') > 0
         group by run) as found
 where found.run = runs.id;
create index runs_unknown on runs (account, id, unknown_calls, resolved_calls)
  where unknown_calls > resolved_calls;
)sql";

// clang-format off
constexpr std::array main_steps = std::to_array<Migration>({
    resources,
    events_and_runs,
    conversations,
    key_proof,
    dead_letters,
    jobs_of_accounts,
    more_resources,
    Migration{meta_values, index_kept_meta},
    usage,
    personal_secrets,
    keys_of_events,
    answers,
    inbox,
    trigger_states,
    delivery_ids,
    bulk_jobs,
    rejected,
    searched_records,
    event_log,
    contact_records,
    what_stale_rows_were,
    erased_replays,
    Migration{"", digest_event_fingerprints},
    open_erasures,
    running_merges,
    Migration{answers_by_digest, digest_event_keys},
    starts_of_imports,
    log_openings,
    schedules,
    schedule_basis,
    done_calls,
    hops_of_events,
    memories,
    approvals,
    unknown_outcomes,
});
// clang-format on

// A term is one value that rows of an account can be listed by; its postings are those rows.
constexpr std::string_view terms = R"sql(
create table terms (
  id integer primary key, account integer not null, facet text not null, value text not null,
  unique (account, facet, value));
create table postings (term integer not null, id integer not null, primary key (term, id))
  without rowid;
create table progress (kind integer primary key, indexed integer not null);
)sql";

// Everything is indexed again: once because values of `meta` came to be posted as filters name
// them, and once because changed conversations were found where they had been, or not where they
// are.
constexpr std::string_view everything_again = R"sql(
delete from postings; delete from terms; delete from progress;
)sql";

// Postings in blocks (posting_block.h) take a fifth of the room: everything is indexed again.
constexpr std::string_view posting_blocks = R"sql(
drop table postings;
create table postings (
  term integer not null, first integer not null, rest blob not null, primary key (term, first))
  without rowid;
delete from terms; delete from progress;
)sql";

constexpr std::array<Migration, 4> index_steps = {terms, everything_again, everything_again,
                                                  posting_blocks};

std::int64_t schema_version(Database& database) {
  Statement statement{database, "pragma user_version"};
  statement.step();
  return statement.number(0);
}

}  // namespace

std::span<const Migration> main_migrations() { return main_steps; }
std::span<const Migration> index_migrations() { return index_steps; }

void migrate(Database& database, std::span<const Migration> migrations) {
  const std::int64_t version = schema_version(database);
  if (version > static_cast<std::int64_t>(migrations.size())) {
    throw std::runtime_error("the data directory was written by a newer Bellpull (schema " +
                             std::to_string(version) + "); use that version");
  }
  for (auto step = static_cast<std::size_t>(version); step < migrations.size(); ++step) {
    database.execute("begin immediate;" + std::string{migrations[step].sql});
    if (migrations[step].then != nullptr) migrations[step].then(database);
    database.execute("pragma user_version = " + std::to_string(step + 1) + "; commit;");
  }
}

}  // namespace bellpull
