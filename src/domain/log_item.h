// One entry of the event log: something that was done to a resource, or that happened in a run
// (api-contract.md 2.16). The log is also the audit record: append-only, until retention.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// What an entry is about. Plain values: they stay when what they name is gone.
struct LogReferences {
  std::optional<TriggerId> trigger;
  std::optional<BotId> bot;
  std::optional<BlueprintId> blueprint;
  std::optional<ConversationId> conversation;
  std::optional<ContactId> contact;
  std::optional<DatasetId> dataset;
  std::optional<RecordId> record;
  std::optional<SkillsetId> skillset;
  std::optional<AbilityId> ability;
  std::optional<FileId> file;
  std::optional<SecretId> secret;
};

struct LogItem {
  LogId id;
  AccountKey account;
  std::string type;  // "bot.update", "integration.trigger.event"
  // Of the resource, as it was then; empty for people and what they say, so that erasing a person
  // leaves no name here.
  std::string name;
  LogReferences about;
  std::optional<RunId> run;
  std::string meta = "{}";  // who did it, or how it went
  TimePoint created_at;
};

}  // namespace bellpull
