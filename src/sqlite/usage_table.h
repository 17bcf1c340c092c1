// Usage by account, day, trigger, bot and model, and the prices of models.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "domain/usage.h"
#include "sqlite/database.h"
#include "store/list.h"
#include "store/run_records.h"
#include "store/usage_store.h"

namespace bellpull {

// What one commit adds: one write for each subject, however many records share it.
using UsageTally = std::map<UsageSubject, UsageCounts>;

class UsageTable final : public UsageStore {
 public:
  explicit UsageTable(Database& database);

  // Before the commit of what is counted.
  void add(const UsageTally& tally);
  // One call of a model, at its price.
  UsageCounts counts_of(const ModelUse& call) const;

  std::vector<ModelUsage> on_day(const UsageQuery& query) const override;
  PagePart<UsageRow> look(const ListQuery& query) const override;
  ConversationUsage of_conversation(const ConversationLook& look) const override;
  std::int64_t count(AccountKey account, Owned what) const override;
  void count(const UsageSubject& subject, const RunUsage& usage) override;
  std::optional<Price> price(std::string_view model) const override;
  std::vector<Price> prices(std::string_view after, std::int64_t limit) const override;
  void keep_price(const Price& price) override;
  bool remove_price(std::string_view model) override;

 private:
  Database& database_;
  Statement add_;
  mutable Statement price_;
};

}  // namespace bellpull
