// Who answers (Bot), and what it can do (Skillset, Ability). Field rules: api-contract.md 2.2-2.4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

enum class Visibility : std::uint8_t { private_, protected_, public_ };
inline constexpr std::array<std::string_view, 3> visibility_names{"private", "protected", "public"};
inline std::string_view visibility_name(Visibility visibility) {
  return visibility_names.at(static_cast<std::size_t>(visibility));
}
enum class ResourceState : std::uint8_t { enabled, disabled };

struct Bot {
  BotId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::string backstory;
  std::optional<std::string> model;
  std::optional<DatasetId> dataset;
  std::optional<SkillsetId> skillset;
  std::optional<BlueprintId> blueprint;
  bool privacy = false;
  bool moderation = false;
  Visibility visibility = Visibility::private_;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

struct Skillset {
  SkillsetId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::optional<BlueprintId> blueprint;
  Visibility visibility = Visibility::private_;
  ResourceState state = ResourceState::enabled;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

struct Ability {
  AbilityId id;
  AccountKey account;
  SkillsetId skillset;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::string instruction;
  std::optional<BlueprintId> blueprint;
  std::optional<BotId> bot;
  std::optional<SecretId> secret;
  std::optional<FileId> file;
  std::optional<std::string> space;  // kept as given: there are no spaces
  ResourceState state = ResourceState::enabled;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace bellpull
