// The rows of what calls of actions have done. Those whose time is over go with the expired keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "store/done_calls.h"

namespace bellpull {

class DoneCallTable final : public DoneCallStore {
 public:
  explicit DoneCallTable(Database& database);

  std::optional<std::string> find(AccountKey account, std::string_view key,
                                  TimePoint now) const override;
  void add(AccountKey account, std::string_view key, std::string_view result,
           TimePoint now) override;

 private:
  mutable Statement find_;
  Statement insert_;
};

}  // namespace bellpull
