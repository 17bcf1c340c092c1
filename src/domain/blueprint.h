// A named set of resources, which belong to it by their `blueprint`. On a trigger it adds its
// skillsets and datasets to the run. Field rules: api-contract.md 2.8.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "domain/bot.h"
#include "domain/ids.h"

namespace bellpull {

struct Blueprint {
  BlueprintId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::string config = "{}";  // an editor's layout, as a JSON object
  Visibility visibility = Visibility::private_;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace bellpull
