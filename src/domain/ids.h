// Ids. A high-volume row (event, run, step, message) is known by the number that the store gave it
// in commit order. A resource adds 80 random bits to its number, so that its id can't be guessed:
// an open trigger's id is its only protection. On the wire: "<prefix>_<base32>" (api-contract.md
// 1.8); nothing is sorted by id.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace bellpull {

// A row's number within its kind; what rows use to refer to each other. 0 is no row.
template <class Kind>
struct Key {
  std::int64_t value = 0;
  auto operator<=>(const Key&) const = default;
};

inline constexpr std::size_t tag_size = 10;
using IdTag = std::array<std::uint8_t, tag_size>;

// The wire form without its prefix: 48 bits of number, then the tag, as 26 base32 digits.
std::string resource_id_text(std::string_view prefix, std::int64_t number, const IdTag& tag);
bool parse_resource_id(std::string_view prefix, std::string_view text, std::int64_t& number,
                       IdTag& tag);
std::string sequence_id_text(std::string_view prefix, std::int64_t number);
std::optional<std::int64_t> parse_sequence_id(std::string_view prefix, std::string_view text);

template <class Kind>
struct ResourceId {
  Key<Kind> key;
  IdTag tag{};
  auto operator<=>(const ResourceId&) const = default;

  std::string text() const { return resource_id_text(Kind::prefix, key.value, tag); }
  static std::optional<ResourceId> parse(std::string_view text) {
    ResourceId id;
    if (!parse_resource_id(Kind::prefix, text, id.key.value, id.tag)) return std::nullopt;
    return id;
  }
};

template <class Kind>
struct SequenceId {
  std::int64_t value = 0;
  auto operator<=>(const SequenceId&) const = default;

  std::string text() const { return sequence_id_text(Kind::prefix, value); }
  static std::optional<SequenceId> parse(std::string_view text) {
    const auto number = parse_sequence_id(Kind::prefix, text);
    if (!number) return std::nullopt;
    return SequenceId{*number};
  }
};

// clang-format off
struct AccountKind { static constexpr std::string_view prefix = "account"; };
struct TokenKind { static constexpr std::string_view prefix = "token"; };
struct BlueprintKind { static constexpr std::string_view prefix = "blueprint"; };
struct BotKind { static constexpr std::string_view prefix = "bot"; };
struct SkillsetKind { static constexpr std::string_view prefix = "skillset"; };
struct AbilityKind { static constexpr std::string_view prefix = "ability"; };
struct DatasetKind { static constexpr std::string_view prefix = "dataset"; };
struct RecordKind { static constexpr std::string_view prefix = "record"; };
struct AttachmentKind { static constexpr std::string_view prefix = "attachment"; };
struct SecretKind { static constexpr std::string_view prefix = "secret"; };
struct PersonalSecretKind { static constexpr std::string_view prefix = "personal_secret"; };
struct FileKind { static constexpr std::string_view prefix = "file"; };
struct TriggerKind { static constexpr std::string_view prefix = "trigger"; };
struct ContactKind { static constexpr std::string_view prefix = "contact"; };
struct ConversationKind { static constexpr std::string_view prefix = "conversation"; };
struct EventKind { static constexpr std::string_view prefix = "event"; };
struct RunKind { static constexpr std::string_view prefix = "run"; };
struct BulkJobKind { static constexpr std::string_view prefix = "job"; };
struct RejectedKind { static constexpr std::string_view prefix = "rejected"; };
struct ApprovalKind { static constexpr std::string_view prefix = "approval"; };
struct LogKind { static constexpr std::string_view prefix = "log"; };
struct MemoryKind { static constexpr std::string_view prefix = "memory"; };
// clang-format on

using AccountId = ResourceId<AccountKind>;
using TokenId = ResourceId<TokenKind>;
using BlueprintId = ResourceId<BlueprintKind>;
using BotId = ResourceId<BotKind>;
using SkillsetId = ResourceId<SkillsetKind>;
using AbilityId = ResourceId<AbilityKind>;
using DatasetId = ResourceId<DatasetKind>;
using RecordId = ResourceId<RecordKind>;
using AttachmentId = ResourceId<AttachmentKind>;
using SecretId = ResourceId<SecretKind>;
using PersonalSecretId = ResourceId<PersonalSecretKind>;
using FileId = ResourceId<FileKind>;
using TriggerId = ResourceId<TriggerKind>;
using ContactId = ResourceId<ContactKind>;
using ConversationId = ResourceId<ConversationKind>;
using ApprovalId = ResourceId<ApprovalKind>;

using AccountKey = Key<AccountKind>;
using TokenKey = Key<TokenKind>;
using BlueprintKey = Key<BlueprintKind>;
using BotKey = Key<BotKind>;
using SkillsetKey = Key<SkillsetKind>;
using AbilityKey = Key<AbilityKind>;
using DatasetKey = Key<DatasetKind>;
using RecordKey = Key<RecordKind>;
using AttachmentKey = Key<AttachmentKind>;
using SecretKey = Key<SecretKind>;
using PersonalSecretKey = Key<PersonalSecretKind>;
using FileKey = Key<FileKind>;
using TriggerKey = Key<TriggerKind>;
using ContactKey = Key<ContactKind>;
using ConversationKey = Key<ConversationKind>;
using ApprovalKey = Key<ApprovalKind>;

using BulkJobId = SequenceId<BulkJobKind>;
using RejectedId = SequenceId<RejectedKind>;
// An entry of the event log.
using LogId = SequenceId<LogKind>;
using MemoryId = SequenceId<MemoryKind>;
using EventId = SequenceId<EventKind>;
// An event's run has the event's number.
using RunId = SequenceId<RunKind>;
inline RunId run_of(EventId event) { return RunId{event.value}; }
inline EventId event_of(RunId run) { return EventId{run.value}; }

// A message is known by its conversation and its number there, from 1, in order of insertion.
struct MessageId {
  ConversationKey conversation;
  std::int64_t number = 0;
  auto operator<=>(const MessageId&) const = default;

  std::string text() const;
  static std::optional<MessageId> parse(std::string_view text);
};

// A step is known by its run and its number there, from 1, in order of recording.
struct StepId {
  RunId run;
  std::int64_t number = 0;
  auto operator<=>(const StepId&) const = default;

  std::string text() const;
  static std::optional<StepId> parse(std::string_view text);
};

IdTag new_tag(Random& random);

}  // namespace bellpull

template <class Kind>
struct std::hash<bellpull::Key<Kind>> {
  std::size_t operator()(const bellpull::Key<Kind>& key) const noexcept {
    return std::hash<std::int64_t>{}(key.value);
  }
};
template <class Kind>
struct std::hash<bellpull::SequenceId<Kind>> {
  std::size_t operator()(const bellpull::SequenceId<Kind>& id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};
