// What an entry of the event log says it is about, read off the resource that it tells of.
#pragma once

#include <optional>
#include <type_traits>

#include "domain/ids.h"
#include "domain/log_item.h"

namespace bellpull {

// What an entry may name as its subject or beside it.
inline void refer(LogReferences& about, const TriggerId& id) { about.trigger = id; }
inline void refer(LogReferences& about, const BotId& id) { about.bot = id; }
inline void refer(LogReferences& about, const BlueprintId& id) { about.blueprint = id; }
inline void refer(LogReferences& about, const ConversationId& id) { about.conversation = id; }
inline void refer(LogReferences& about, const ContactId& id) { about.contact = id; }
inline void refer(LogReferences& about, const DatasetId& id) { about.dataset = id; }
inline void refer(LogReferences& about, const RecordId& id) { about.record = id; }
inline void refer(LogReferences& about, const SkillsetId& id) { about.skillset = id; }
inline void refer(LogReferences& about, const AbilityId& id) { about.ability = id; }
inline void refer(LogReferences& about, const FileId& id) { about.file = id; }
inline void refer(LogReferences& about, const SecretId& id) { about.secret = id; }
template <class Id>
void refer(LogReferences& about, const std::optional<Id>& id) {
  if (id) refer(about, *id);
}
template <class Id>
concept Referable = requires(LogReferences& about, const Id& id) { refer(about, id); };

// What `resource` refers to, and itself.
template <class Resource>
LogReferences references_of(const Resource& resource) {
  LogReferences about;
  const auto add = [&about](const auto& id) {
    if constexpr (Referable<std::decay_t<decltype(id)>>) refer(about, id);
  };
  if constexpr (requires { resource.bot; }) add(resource.bot);
  if constexpr (requires { resource.blueprint; }) add(resource.blueprint);
  if constexpr (requires { resource.contact; }) add(resource.contact);
  if constexpr (requires { resource.dataset; }) add(resource.dataset);
  if constexpr (requires { resource.skillset; }) add(resource.skillset);
  if constexpr (requires { resource.file; }) add(resource.file);
  if constexpr (requires { resource.secret; }) add(resource.secret);
  add(resource.id);
  return about;
}

}  // namespace bellpull
