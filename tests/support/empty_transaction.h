// A snapshot of a store that has no rows: what references of bodies are looked up in, and not
// found.
//
// It has the resources alone. Asking it for anything else is a mistake of the test.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/approval.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

template <class Resource, class Store = ResourceStore<Resource>>
class EmptyRows : public Store {
 public:
  using KeyOf = typename ResourceStore<Resource>::KeyOf;
  using ResourceStore<Resource>::find;

  Result<void> add(Resource& /*resource*/) override { return fail(ErrorCode::conflict, "empty"); }
  Result<void> update(const Resource& /*resource*/) override {
    return fail(ErrorCode::not_found, "empty");
  }
  bool remove(KeyOf /*key*/) override { return false; }
  std::optional<Resource> find(KeyOf /*key*/) const override { return std::nullopt; }
  std::optional<Resource> find_alias(AccountKey /*account*/,
                                     std::string_view /*alias*/) const override {
    return std::nullopt;
  }
  std::vector<Resource> list(const ListQuery& /*query*/) const override { return {}; }
};

class NoFiles final : public EmptyRows<File, FileStore> {
 public:
  UploadKey start_upload(const File& /*file*/, TimePoint /*now*/) override { return 0; }
  void add_piece(UploadKey /*upload*/, std::int64_t /*number*/,
                 std::string_view /*bytes*/) override {}
  bool keep_upload(UploadKey /*upload*/) override { return true; }
  std::optional<std::string> piece(UploadKey /*upload*/, std::int64_t /*number*/) const override {
    return std::nullopt;
  }
};

class EmptyTransaction final : public Transaction {
 public:
  ResourceStore<Account>& accounts() override { return accounts_; }
  ResourceStore<Token>& tokens() override { return tokens_; }
  ResourceStore<Bot>& bots() override { return bots_; }
  ResourceStore<Skillset>& skillsets() override { return skillsets_; }
  ResourceStore<Ability>& abilities() override { return abilities_; }
  ResourceStore<Blueprint>& blueprints() override { return blueprints_; }
  ResourceStore<Dataset>& datasets() override { return datasets_; }
  RecordStore& records() override { absent(); }
  AttachmentStore& attachments() override { absent(); }
  ResourceStore<Secret>& secrets() override { return secrets_; }
  ResourceStore<PersonalSecret>& personal_secrets() override { return personal_secrets_; }
  FileStore& files() override { return files_; }
  ResourceStore<Trigger>& triggers() override { return triggers_; }
  ResourceStore<Contact>& contacts() override { return contacts_; }
  ResourceStore<Conversation>& conversations() override { return conversations_; }
  ResourceStore<Approval>& approvals() override { return approvals_; }
  MessageStore& messages() override { absent(); }
  RunStore& runs() override { absent(); }
  OccurrenceStore& occurrences() override { absent(); }
  UsageStore& usage() override { absent(); }
  AnswerStore& answers() override { absent(); }
  DoneCallStore& done_calls() override { absent(); }
  MemoryStore& memories() override { absent(); }
  BulkJobStore& bulk_jobs() override { absent(); }
  RejectedStore& rejected() override { absent(); }
  EventLog& log() override { absent(); }
  ContactRecords& contact_records() override { absent(); }

  const ResourceStore<Account>& accounts() const override { return accounts_; }
  const ResourceStore<Token>& tokens() const override { return tokens_; }
  const ResourceStore<Bot>& bots() const override { return bots_; }
  const ResourceStore<Skillset>& skillsets() const override { return skillsets_; }
  const ResourceStore<Ability>& abilities() const override { return abilities_; }
  const ResourceStore<Blueprint>& blueprints() const override { return blueprints_; }
  const ResourceStore<Dataset>& datasets() const override { return datasets_; }
  const RecordStore& records() const override { absent(); }
  const AttachmentStore& attachments() const override { absent(); }
  const ResourceStore<Secret>& secrets() const override { return secrets_; }
  const ResourceStore<PersonalSecret>& personal_secrets() const override {
    return personal_secrets_;
  }
  const FileStore& files() const override { return files_; }
  const ResourceStore<Trigger>& triggers() const override { return triggers_; }
  const ResourceStore<Contact>& contacts() const override { return contacts_; }
  const ResourceStore<Conversation>& conversations() const override { return conversations_; }
  const ResourceStore<Approval>& approvals() const override { return approvals_; }
  const MessageStore& messages() const override { absent(); }
  const RunStore& runs() const override { absent(); }
  const OccurrenceStore& occurrences() const override { absent(); }
  const UsageStore& usage() const override { absent(); }
  const AnswerStore& answers() const override { absent(); }
  const DoneCallStore& done_calls() const override { absent(); }
  const MemoryStore& memories() const override { absent(); }
  const BulkJobStore& bulk_jobs() const override { absent(); }
  const RejectedStore& rejected() const override { absent(); }
  const EventLog& log() const override { absent(); }
  const ContactRecords& contact_records() const override { absent(); }

  std::optional<Token> find_token(std::string_view /*digest*/) const override { return {}; }
  std::optional<std::string> key_proof() const override { return {}; }
  void keep_key_proof(std::string_view /*sealed*/) override {}
  bool has_other_admin(TokenKey /*except*/, TimePoint /*now*/) const override { return false; }
  std::vector<TriggerKey> paused_triggers() const override { return {}; }
  bool has_expired_conversation(TimePoint /*now*/) const override { return false; }
  void start_job(AccountKey /*account*/, JobKind /*kind*/, std::int64_t /*subject*/) override {}

 private:
  [[noreturn]] static void absent() { std::abort(); }

  EmptyRows<Account> accounts_;
  EmptyRows<Token> tokens_;
  EmptyRows<Bot> bots_;
  EmptyRows<Skillset> skillsets_;
  EmptyRows<Ability> abilities_;
  EmptyRows<Blueprint> blueprints_;
  EmptyRows<Dataset> datasets_;
  EmptyRows<Secret> secrets_;
  EmptyRows<PersonalSecret> personal_secrets_;
  NoFiles files_;
  EmptyRows<Trigger> triggers_;
  EmptyRows<Contact> contacts_;
  EmptyRows<Conversation> conversations_;
  EmptyRows<Approval> approvals_;
};

}  // namespace bellpull
