// The ordered record that people read, and its entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

struct Conversation {
  ConversationId id;
  AccountKey account;
  std::string name;
  std::string description;
  std::optional<TriggerKey> trigger;  // whose events opened it
  std::optional<BotId> bot;
  std::optional<ContactId> contact;
  std::optional<std::string> task;
  std::optional<std::string> space;
  std::optional<std::string> model;
  std::optional<std::string> backstory;
  std::optional<DatasetId> dataset;
  std::optional<SkillsetId> skillset;
  bool privacy = false;
  bool moderation = false;
  std::optional<TimePoint> expires_at;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

// api-contract.md 1.18.
enum class MessageType : std::uint8_t {
  user,
  bot,
  reasoning,
  context,
  instruction,
  backstory,
  activity,
  checkpoint,
};

struct Message {
  MessageId id;
  MessageType type = MessageType::user;
  std::string text;
  std::string name;
  std::string description;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace bellpull
