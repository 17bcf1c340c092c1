// The management door: typed access to everything that is kept, inside one transaction.
//
// A const Transaction is a snapshot: it only reads. Both come from Store. Everything here is called
// on a store thread, by the work handed to Store::transact or Store::read, which must be short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/approval.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/dataset.h"
#include "domain/event.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/secret.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "domain/trigger.h"
#include "store/accept.h"
#include "store/answers.h"
#include "store/bulk_jobs.h"
#include "store/contact_records.h"
#include "store/done_calls.h"
#include "store/event_log.h"
#include "store/event_search.h"
#include "store/list.h"
#include "store/memories.h"
#include "store/occurrences.h"
#include "store/rejected_requests.h"
#include "store/run_records.h"
#include "store/usage_store.h"

namespace bellpull {

// Rows of one kind of resource.
template <class Resource>
class ResourceStore {
 public:
  using Id = decltype(Resource::id);
  using KeyOf = decltype(Id::key);

  virtual ~ResourceStore() = default;

  // Gives the resource its id. Fails with `conflict` when a unique value is taken.
  virtual Result<void> add(Resource& resource) = 0;
  // Overwrites every field of a kept resource. Fails with `conflict`, or `not_found`.
  virtual Result<void> update(const Resource& resource) = 0;
  // Whether there was such a row.
  virtual bool remove(KeyOf key) = 0;

  virtual std::optional<Resource> find(KeyOf key) const = 0;
  // By id, tag included: nothing for an id with another tag.
  std::optional<Resource> find(const Id& id) const {
    std::optional<Resource> found = find(id.key);
    if (found && found->id != id) found.reset();
    return found;
  }
  virtual std::optional<Resource> find_alias(AccountKey account, std::string_view alias) const = 0;
  // For lists that are known to be short.
  virtual std::vector<Resource> list(const ListQuery& query) const = 0;
  // One look at any list, for Store::read_page().
  virtual PagePart<Resource> look(const ListQuery& query) const { return {.rows = list(query)}; }
};

// A record that has some of the words of a search.
struct RecordMatch {
  RecordKey record;
  std::int64_t length = 0;               // in words
  std::span<const std::int32_t> counts;  // how often it has each of the words
  std::string_view meta;
};

// How many records of a stretch have a word.
struct WordCount {
  std::int64_t records = 0;
  std::optional<std::int64_t> passed = std::nullopt;  // as in PagePart
};

struct DatasetSize {
  std::int64_t records = 0;
  std::int64_t words = 0;
};

// Records, and an index of their words that is changed with them: what was added is found from its
// commit on. Words are folded: without case, accents and English endings.
class RecordStore : public ResourceStore<Record> {
 public:
  using Visit = std::function<void(const RecordMatch& match)>;

  // The words of a text, each once, in order; no more than `limit`.
  virtual std::vector<std::string> words_of(std::string_view text, std::size_t limit) const = 0;
  virtual DatasetSize size_of(DatasetKey dataset) const = 0;
  // One look each, from the record after a number on, in their order.
  virtual WordCount count(DatasetKey dataset, std::string_view word, RecordKey after) const = 0;
  // Records with any of the words, which are from words_of(). The end of the stretch, as in
  // PagePart.
  virtual std::optional<std::int64_t> visit(DatasetKey dataset, std::span<const std::string> words,
                                            RecordKey after, const Visit& visit) const = 0;
};

class AttachmentStore : public ResourceStore<Attachment> {
 public:
  // A detached one, too.
  virtual std::optional<Attachment> find(DatasetKey dataset, FileKey file) const = 0;
  using ResourceStore<Attachment>::find;
  // The oldest that waits for its import, of the first account after another.
  virtual std::optional<Attachment> next_import(AccountKey after) const = 0;
};

// An upload: the bytes that are, or will be, a file's content.
using UploadKey = std::int64_t;
inline constexpr std::size_t piece_bytes = std::size_t{128} * 1024;

// Files, and their contents in pieces of `piece_bytes`, each added in a transaction of its own. An
// upload becomes a content by File::content, in the transaction that keeps it; one that is not kept
// is removed at the next start, or by a later upload to its file.
class FileStore : public ResourceStore<File> {
 public:
  virtual UploadKey start_upload(const File& file, TimePoint now) = 0;
  virtual void add_piece(UploadKey upload, std::int64_t number, std::string_view bytes) = 0;
  // False when it is gone, as one that took too long is: its pieces are being removed.
  virtual bool keep_upload(UploadKey upload) = 0;

  // Numbered from 0; nothing after the last, or when the content was replaced.
  virtual std::optional<std::string> piece(UploadKey upload, std::int64_t number) const = 0;
};

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // Appends; gives the message its id.
  virtual void add(ConversationKey conversation, Message& message) = 0;
  virtual bool update(const Message& message) = 0;
  virtual bool remove(const MessageId& id) = 0;

  virtual std::optional<Message> find(const MessageId& id) const = 0;
  // One look, which gives the whole page.
  virtual PagePart<Message> look(ConversationKey conversation, const Page& page) const = 0;
  std::vector<Message> list(ConversationKey conversation, const Page& page) const {
    return look(conversation, page).rows;
  }
};

struct EventAndRun {
  Event event;
  Run run;
};

// A call whose outcome nobody knew when it was recorded.
struct UnknownCall {
  Step result;
  boost::json::object intent;    // the content of that step
  std::optional<Step> resolved;  // what a person said of it since
};

// The step that says what became of such a call.
struct ResolvedCall {
  StepId step;
  bool is_new = true;  // false: the same was said before
};

class RunStore {
 public:
  virtual ~RunStore() = default;

  // Keeps an event that no request brought (invoke, schedule); its run is queued.
  virtual EventId add(const NewEvent& event) = 0;
  // Ends a pending run as `canceled`; nothing when it is not pending. Its worker's lease is void.
  virtual bool cancel(RunId run, std::string_view reason, TimePoint now) = 0;
  // Says what became of a call whose outcome nobody knew: one more step, after which the others
  // stay as they are. The same said once more is the same step. Fails with `conflict` for a step
  // that is no such call's result or has been resolved otherwise, and while the run is held under a
  // lease, whose worker numbers the steps.
  virtual Result<ResolvedCall> resolve(const StepId& result, const Resolution& resolution,
                                       TimePoint now) = 0;
  // Makes a `retrying` or `waiting` run due at once; nothing for one that is neither.
  virtual bool retry(RunId run, TimePoint now) = 0;
  // What a run waits for has happened. A waiting run is due at once; one that is running and would
  // wait in the end is then due at once, because it may have looked before. Nothing for any other:
  // it will look.
  virtual bool wake(RunId run, TimePoint now) = 0;
  // Removes the body of an event for good, and nothing else of it. Nothing when it is gone already,
  // or the run is still to need it.
  virtual bool remove_body(EventId event, TimePoint now) = 0;

  // With or without the body.
  enum class Body : std::uint8_t { with, without };
  virtual std::optional<EventAndRun> find(RunId run, Body body) const = 0;
  // One look at a list, with the bodies that are kept in their rows (8 KiB and less).
  virtual PagePart<EventAndRun> look(const ListQuery& query, const EventSearch& search) const = 0;
  PagePart<EventAndRun> look(const ListQuery& query) const { return look(query, {}); }
  // The same rows in brief; a look gives all that it has passed, whatever the page takes.
  virtual PagePart<RunTimes> times(const ListQuery& query, const EventSearch& search) const = 0;
  // The newest event of all; 0 when there is none.
  virtual EventId newest() const = 0;
  // The newest replays of an event.
  virtual std::vector<EventId> replays(EventId event, std::int64_t limit) const = 0;
  // In the order of recording.
  virtual std::vector<UnknownCall> unknown_calls(RunId run) const = 0;
  // The attempts that left steps, oldest first.
  virtual std::vector<Attempt> attempts(RunId run) const = 0;
  // One look, which gives the whole page.
  virtual PagePart<Step> steps(RunId run, const Page& page) const = 0;
  // Pending runs of a trigger after a number, oldest first.
  virtual std::vector<PendingRun> pending(TriggerKey trigger, std::int64_t after,
                                          std::int64_t limit) const = 0;
  // The oldest pending run of a session.
  virtual std::optional<PendingRun> first_pending(TriggerKey trigger,
                                                  std::int64_t session) const = 0;
  // Triggers with pending runs, by key, after a key.
  virtual std::vector<TriggerKey> triggers_with_pending(TriggerKey after,
                                                        std::int64_t limit) const = 0;
};

// Unbounded work, done in chunks after the commit that asks for it.
enum class JobKind : std::uint8_t {
  cancel_trigger_runs = 0,       // subject: a trigger; its pending runs end as canceled
  remove_messages = 1,           // subject: a removed conversation
  remove_abilities = 2,          // subject: a removed skillset
  remove_personal_values = 3,    // subject: a secret that was removed or revoked
  remove_values_of_contact = 4,  // subject: a removed contact; its secrets, and memories of it
  remove_members = 5,            // subject: a blueprint that was removed with its resources
  bulk = 6,                      // subject: a BulkJob
  remove_records = 7,            // subject: a removed dataset; with its attachments
  remove_imports = 8,            // subject: an attachment; its records that are not shown
  remove_upload = 9,             // subject: an upload
  remove_memories = 12,          // subject: a removed bot
  trim_log = 20,                 // subject: the last entry of the event log to go; no account's
  remove_expired = 21,  // subject: conversations that expired until then, in ms; no account's
  move_contact = 22,    // subject: a contact that became one with another
  erase_contact = 23,   // subject: a contact
};

class Transaction {
 public:
  virtual ~Transaction() = default;

  virtual ResourceStore<Account>& accounts() = 0;
  virtual ResourceStore<Token>& tokens() = 0;
  virtual ResourceStore<Bot>& bots() = 0;
  virtual ResourceStore<Skillset>& skillsets() = 0;
  virtual ResourceStore<Ability>& abilities() = 0;
  virtual ResourceStore<Blueprint>& blueprints() = 0;
  virtual ResourceStore<Dataset>& datasets() = 0;
  virtual RecordStore& records() = 0;
  virtual AttachmentStore& attachments() = 0;
  virtual ResourceStore<Secret>& secrets() = 0;
  virtual ResourceStore<PersonalSecret>& personal_secrets() = 0;
  virtual FileStore& files() = 0;
  virtual ResourceStore<Trigger>& triggers() = 0;
  virtual ResourceStore<Contact>& contacts() = 0;
  virtual ResourceStore<Conversation>& conversations() = 0;
  virtual ResourceStore<Approval>& approvals() = 0;
  virtual MessageStore& messages() = 0;
  virtual RunStore& runs() = 0;
  virtual OccurrenceStore& occurrences() = 0;
  virtual UsageStore& usage() = 0;
  virtual AnswerStore& answers() = 0;
  virtual DoneCallStore& done_calls() = 0;
  virtual MemoryStore& memories() = 0;
  virtual BulkJobStore& bulk_jobs() = 0;
  virtual RejectedStore& rejected() = 0;
  virtual EventLog& log() = 0;
  virtual ContactRecords& contact_records() = 0;

  virtual const ResourceStore<Account>& accounts() const = 0;
  virtual const ResourceStore<Token>& tokens() const = 0;
  virtual const ResourceStore<Bot>& bots() const = 0;
  virtual const ResourceStore<Skillset>& skillsets() const = 0;
  virtual const ResourceStore<Ability>& abilities() const = 0;
  virtual const ResourceStore<Blueprint>& blueprints() const = 0;
  virtual const ResourceStore<Dataset>& datasets() const = 0;
  virtual const RecordStore& records() const = 0;
  virtual const AttachmentStore& attachments() const = 0;
  virtual const ResourceStore<Secret>& secrets() const = 0;
  virtual const ResourceStore<PersonalSecret>& personal_secrets() const = 0;
  virtual const FileStore& files() const = 0;
  virtual const ResourceStore<Trigger>& triggers() const = 0;
  virtual const ResourceStore<Contact>& contacts() const = 0;
  virtual const ResourceStore<Conversation>& conversations() const = 0;
  virtual const ResourceStore<Approval>& approvals() const = 0;
  virtual const MessageStore& messages() const = 0;
  virtual const RunStore& runs() const = 0;
  virtual const OccurrenceStore& occurrences() const = 0;
  virtual const UsageStore& usage() const = 0;
  virtual const AnswerStore& answers() const = 0;
  virtual const DoneCallStore& done_calls() const = 0;
  virtual const MemoryStore& memories() const = 0;
  virtual const BulkJobStore& bulk_jobs() const = 0;
  virtual const RejectedStore& rejected() const = 0;
  virtual const EventLog& log() const = 0;
  virtual const ContactRecords& contact_records() const = 0;

  virtual std::optional<Token> find_token(std::string_view digest) const = 0;
  // A text that the vault sealed, by which a start knows the master key again; nothing until kept.
  virtual std::optional<std::string> key_proof() const = 0;
  virtual void keep_key_proof(std::string_view sealed) = 0;
  // Whether an enabled account has a token other than `except` that has the scope admin and lives
  // at `now`.
  virtual bool has_other_admin(TokenKey except, TimePoint now) const = 0;
  // Triggers whose runs are held back, deleted ones among them.
  virtual std::vector<TriggerKey> paused_triggers() const = 0;
  // Whether a conversation's time is over.
  virtual bool has_expired_conversation(TimePoint now) const = 0;
  // Starts work that is too long for one commit, in the background and over restarts. Accounts take
  // turns.
  virtual void start_job(AccountKey account, JobKind kind, std::int64_t subject) = 0;
};

}  // namespace bellpull
