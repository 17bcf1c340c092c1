// Everything that is kept, over one connection: the writer's, or a reader's snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "domain/approval.h"
#include "sqlite/answer_table.h"
#include "sqlite/attachment_table.h"
#include "sqlite/bulk_job_table.h"
#include "sqlite/contact_records.h"
#include "sqlite/conversation_table.h"
#include "sqlite/database.h"
#include "sqlite/done_call_table.h"
#include "sqlite/file_table.h"
#include "sqlite/log_table.h"
#include "sqlite/memory_table.h"
#include "sqlite/message_table.h"
#include "sqlite/occurrence_table.h"
#include "sqlite/record_table.h"
#include "sqlite/rejected_table.h"
#include "sqlite/resource_table.h"
#include "sqlite/run_table.h"
#include "sqlite/trigger_table.h"
#include "sqlite/usage_table.h"
#include "sqlite/written.h"
#include "store/transaction.h"

namespace bellpull {

class IndexReader;

class SqliteTransaction final : public Transaction {
 public:
  // `index` is null where lists need not be fast (the writer).
  SqliteTransaction(Database& database, const IndexReader* index, Random& random, Written& written);

  RunTable& run_table() { return runs_; }
  OccurrenceTable& occurrence_table() { return occurrences_; }
  ResourceTable<Ability>& ability_table() { return abilities_; }
  UsageTable& usage_table() { return usage_; }
  BulkJobTable& bulk_job_table() { return bulk_jobs_; }
  RecordTable& record_table() { return records_; }
  AttachmentTable& attachment_table() { return attachments_; }
  FileTable& file_table() { return files_; }
  LogTable& log_table() { return log_; }
  MemoryTable& memory_table() { return memories_; }

  ResourceStore<Account>& accounts() override { return accounts_; }
  ResourceStore<Token>& tokens() override { return tokens_; }
  ResourceStore<Bot>& bots() override { return bots_; }
  ResourceStore<Skillset>& skillsets() override { return skillsets_; }
  ResourceStore<Ability>& abilities() override { return abilities_; }
  ResourceStore<Blueprint>& blueprints() override { return blueprints_; }
  ResourceStore<Dataset>& datasets() override { return datasets_; }
  RecordStore& records() override { return records_; }
  AttachmentStore& attachments() override { return attachments_; }
  ResourceStore<Secret>& secrets() override { return secrets_; }
  ResourceStore<PersonalSecret>& personal_secrets() override { return personal_secrets_; }
  FileStore& files() override { return files_; }
  ResourceStore<Trigger>& triggers() override { return triggers_; }
  ResourceStore<Contact>& contacts() override { return contacts_; }
  ResourceStore<Conversation>& conversations() override { return conversations_; }
  ResourceStore<Approval>& approvals() override { return approvals_; }
  MessageStore& messages() override { return messages_; }
  RunStore& runs() override { return runs_; }
  OccurrenceStore& occurrences() override { return occurrences_; }
  UsageStore& usage() override { return usage_; }
  AnswerStore& answers() override { return answers_; }
  DoneCallStore& done_calls() override { return done_calls_; }
  MemoryStore& memories() override { return memories_; }
  BulkJobStore& bulk_jobs() override { return bulk_jobs_; }
  RejectedStore& rejected() override { return rejected_; }
  EventLog& log() override { return log_; }
  ContactRecords& contact_records() override { return contact_records_; }

  const ResourceStore<Account>& accounts() const override { return accounts_; }
  const ResourceStore<Token>& tokens() const override { return tokens_; }
  const ResourceStore<Bot>& bots() const override { return bots_; }
  const ResourceStore<Skillset>& skillsets() const override { return skillsets_; }
  const ResourceStore<Ability>& abilities() const override { return abilities_; }
  const ResourceStore<Blueprint>& blueprints() const override { return blueprints_; }
  const ResourceStore<Dataset>& datasets() const override { return datasets_; }
  const RecordStore& records() const override { return records_; }
  const AttachmentStore& attachments() const override { return attachments_; }
  const ResourceStore<Secret>& secrets() const override { return secrets_; }
  const ResourceStore<PersonalSecret>& personal_secrets() const override {
    return personal_secrets_;
  }
  const FileStore& files() const override { return files_; }
  const ResourceStore<Trigger>& triggers() const override { return triggers_; }
  const ResourceStore<Contact>& contacts() const override { return contacts_; }
  const ResourceStore<Conversation>& conversations() const override { return conversations_; }
  const ResourceStore<Approval>& approvals() const override { return approvals_; }
  const MessageStore& messages() const override { return messages_; }
  const RunStore& runs() const override { return runs_; }
  const OccurrenceStore& occurrences() const override { return occurrences_; }
  const UsageStore& usage() const override { return usage_; }
  const AnswerStore& answers() const override { return answers_; }
  const DoneCallStore& done_calls() const override { return done_calls_; }
  const MemoryStore& memories() const override { return memories_; }
  const BulkJobStore& bulk_jobs() const override { return bulk_jobs_; }
  const RejectedStore& rejected() const override { return rejected_; }
  const EventLog& log() const override { return log_; }
  const ContactRecords& contact_records() const override { return contact_records_; }

  std::optional<Token> find_token(std::string_view digest) const override;
  std::optional<std::string> key_proof() const override;
  void keep_key_proof(std::string_view sealed) override;
  bool has_other_admin(TokenKey except, TimePoint now) const override;
  std::vector<TriggerKey> paused_triggers() const override;
  bool has_expired_conversation(TimePoint now) const override;
  void start_job(AccountKey account, JobKind kind, std::int64_t subject) override;

 private:
  Database& database_;
  Written& written_;
  RunTable runs_;
  OccurrenceTable occurrences_;
  MessageTable messages_;
  ResourceTable<Account> accounts_;
  ResourceTable<Token> tokens_;
  ResourceTable<Bot> bots_;
  ResourceTable<Skillset> skillsets_;
  ResourceTable<Ability> abilities_;
  ResourceTable<Blueprint> blueprints_;
  ResourceTable<Dataset> datasets_;
  RecordTable records_;
  AttachmentTable attachments_;
  ResourceTable<Secret> secrets_;
  ResourceTable<PersonalSecret> personal_secrets_;
  FileTable files_;
  TriggerTable triggers_;
  ResourceTable<Contact> contacts_;
  ConversationTable conversations_;
  ResourceTable<Approval> approvals_;
  UsageTable usage_;
  AnswerTable answers_;
  DoneCallTable done_calls_;
  MemoryTable memories_;
  BulkJobTable bulk_jobs_;
  RejectedTable rejected_;
  LogTable log_;
  ContactRecordTable contact_records_;
  mutable Statement token_by_digest_;
  mutable Statement key_proof_;
  mutable Statement other_admin_;
  mutable Statement paused_triggers_;
  mutable Statement expired_;
  Statement start_job_;
};

}  // namespace bellpull
