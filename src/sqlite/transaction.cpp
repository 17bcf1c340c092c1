#include "sqlite/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "sqlite/conversation_table.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"
#include "store/bulk_jobs.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr std::string_view other_admin_sql = R"sql(
  select 1 from tokens join accounts on accounts.id = tokens.account
   where tokens.id <> ?1 and tokens.scopes & ?2 <> 0
     and (tokens.expires_at is null or tokens.expires_at > ?3) and accounts.state = ?4
   limit 1)sql";

}  // namespace

SqliteTransaction::SqliteTransaction(Database& database, const IndexReader* index, Random& random,
                                     Written& written)
    : database_(database),
      written_(written),
      runs_(database, index),
      occurrences_(database, written),
      messages_(database, runs_, written),
      accounts_(
          database, random,
          [this](AccountKey account, AccountKey, Write) { written_.accounts.push_back(account); }),
      tokens_(database, random, [](TokenKey, AccountKey, Write) {}),
      bots_(database, random,
            [this](BotKey bot, AccountKey account, Write write) {
              written_.configures(account);
              if (write == Write::removed) start_job(account, JobKind::remove_memories, bot.value);
            }),
      skillsets_(database, random,
                 [this](SkillsetKey, AccountKey account, Write) { written_.configures(account); }),
      abilities_(database, random,
                 [this](AbilityKey, AccountKey account, Write) { written_.configures(account); }),
      blueprints_(
          database, random,
          [this](BlueprintKey, AccountKey account, Write) { written_.configures(account); }),
      datasets_(database, random,
                [this](DatasetKey, AccountKey account, Write) { written_.configures(account); }),
      records_(database, random),
      attachments_(database, random, written),
      secrets_(database, random,
               [this](SecretKey, AccountKey account, Write) { written_.configures(account); }),
      personal_secrets_(database, random, [](PersonalSecretKey, AccountKey, Write) {}),
      files_(database, random, written),
      triggers_(database, random, written),
      contacts_(database, random,
                [this](ContactKey contact, AccountKey, Write write) {
                  if (write == Write::removed) contact_records_.forget_identities(contact);
                }),
      conversations_(database, index, random, written),
      approvals_(database, random, [](ApprovalKey, AccountKey, Write) {}),
      usage_(database),
      answers_(database),
      done_calls_(database),
      memories_(database),
      bulk_jobs_(
          database,
          [this](const BulkJob& job) { start_job(job.account, JobKind::bulk, job.id.value); }),
      rejected_(database),
      log_(database, index, written),
      contact_records_(database, contacts_, *this),
      token_by_digest_(database, "select id from tokens where digest = ?1"),
      key_proof_(database, "select sealed from key_proof"),
      other_admin_(database, other_admin_sql),
      paused_triggers_(database, "select id from triggers where state = 1 order by id"),
      expired_(database, expired_conversations_sql),
      start_job_(database, "insert into jobs (account, kind, subject) values (?1, ?2, ?3)") {}

std::optional<Token> SqliteTransaction::find_token(std::string_view digest) const {
  if (!token_by_digest_.with(Blob{digest}).step()) return std::nullopt;
  const TokenKey key{token_by_digest_.number(0)};
  token_by_digest_.reset();
  return tokens_.find(key);
}

std::optional<std::string> SqliteTransaction::key_proof() const {
  if (!key_proof_.step()) return std::nullopt;
  std::string sealed = key_proof_.text(0);
  key_proof_.reset();
  return sealed;
}

void SqliteTransaction::keep_key_proof(std::string_view sealed) {
  Statement{database_, "insert into key_proof (sealed) values (?1)"}.with(Blob{sealed}).run();
}

bool SqliteTransaction::has_other_admin(TokenKey except, TimePoint now) const {
  const bool found = other_admin_
                         .with(except.value, static_cast<std::int64_t>(Scope::admin), to_ms(now),
                               static_cast<std::int64_t>(AccountState::enabled))
                         .step();
  other_admin_.reset();
  return found;
}

std::vector<TriggerKey> SqliteTransaction::paused_triggers() const {
  std::vector<TriggerKey> paused;
  while (paused_triggers_.step()) paused.emplace_back(paused_triggers_.number(0));
  return paused;
}

bool SqliteTransaction::has_expired_conversation(TimePoint now) const {
  const bool found = expired_.with(to_ms(now), std::int64_t{1}).step();
  expired_.reset();
  return found;
}

void SqliteTransaction::start_job(AccountKey account, JobKind kind, std::int64_t subject) {
  start_job_.with(account.value, static_cast<std::int64_t>(kind), subject).run();
  written_.jobs = true;
}

}  // namespace bellpull
