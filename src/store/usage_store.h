// What was used, and what models cost. Most counts are written by the commits that they are about;
// here they are read.
//
// Lifetime: lives inside its Transaction. Threads: the store's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/usage.h"
#include "store/list.h"
#include "store/run_records.h"

namespace bellpull {

// One day of an account, or what one trigger or bot had of it.
struct UsageQuery {
  AccountKey account;
  std::int64_t day = 0;
  std::optional<TriggerKey> trigger = std::nullopt;
  std::optional<BotKey> bot = std::nullopt;
};

struct ModelUsage {
  std::string model;
  UsageCounts counts;
};

// A row as it is kept, with the ids of what still is there.
struct UsageRow {
  std::int64_t number = 0;
  UsageSubject subject;
  UsageCounts counts;
  std::optional<TriggerId> trigger;
  std::optional<BotId> bot;
};

// One look at a conversation's messages and the runs that made them.
struct ConversationUsage {
  UsageCounts counts;
  std::int64_t last_message = 0;  // the look ended here
  RunId last_run;                 // counted up to this one
  bool more = false;
};
struct ConversationLook {
  ConversationKey conversation;
  std::int64_t after = 0;  // of ConversationUsage, 0 and none for the first
  RunId counted;
  TimePoint from;
  TimePoint to;  // exclusive
};

// What an account keeps.
enum class Owned : std::uint8_t { datasets, records, skillsets, abilities, files };

class UsageStore {
 public:
  virtual ~UsageStore() = default;

  // By model; what belongs to no model stands under "".
  virtual std::vector<ModelUsage> on_day(const UsageQuery& query) const = 0;
  virtual PagePart<UsageRow> look(const ListQuery& query) const = 0;
  virtual ConversationUsage of_conversation(const ConversationLook& look) const = 0;
  // Counted up to a million, which takes some milliseconds.
  virtual std::int64_t count(AccountKey account, Owned what) const = 0;

  // Adds what was used outside of runs; model calls belong to their models.
  virtual void count(const UsageSubject& subject, const RunUsage& usage) = 0;

  // Prices hold for the whole server, and for calls from now on.
  virtual std::optional<Price> price(std::string_view model) const = 0;
  // By model, after one.
  virtual std::vector<Price> prices(std::string_view after, std::int64_t limit) const = 0;
  virtual void keep_price(const Price& price) = 0;
  // Whether there was one.
  virtual bool remove_price(std::string_view model) = 0;
};

}  // namespace bellpull
