// A named file, and what is known of its content. Field rules: api-contract.md 2.15.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/bot.h"
#include "domain/ids.h"

namespace bellpull {

struct File {
  FileId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::optional<BlueprintId> blueprint;
  std::optional<std::string> content_type;  // none until there is content
  std::optional<std::int64_t> content_size;
  std::optional<std::int64_t> content;  // the upload that it is
  Visibility visibility = Visibility::private_;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace bellpull
