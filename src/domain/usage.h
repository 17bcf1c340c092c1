// What was used, counted by day, and what it cost.
//
// Money is counted in billionths of the server's currency, so that the sum of many small calls is
// exact enough for a bill; prices are in its millionths for a million tokens.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// Days since the Unix epoch, in UTC.
inline std::int64_t day_of(TimePoint time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}
inline TimePoint start_of_day(std::int64_t day) {
  return std::chrono::sys_days{std::chrono::days{day}};
}

struct UsageCounts {
  std::int64_t runs = 0;           // that ended
  std::int64_t conversations = 0;  // that were created
  std::int64_t messages = 0;       // that were added
  std::int64_t model_calls = 0;
  std::int64_t action_calls = 0;
  std::int64_t input_tokens = 0;  // cached ones included
  std::int64_t cached_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cost = 0;            // of the calls that had a price
  std::int64_t unpriced_calls = 0;  // model calls that had none

  std::int64_t tokens() const { return input_tokens + output_tokens; }
  UsageCounts& operator+=(const UsageCounts& other);
};

// Where a count belongs. Numbers, so that it stays when what it is about is gone; 0 is none.
struct UsageSubject {
  AccountKey account;
  std::int64_t day = 0;
  TriggerKey trigger;
  BotKey bot;
  std::string model;  // as the bot names it, without options; empty: what belongs to no model
  auto operator<=>(const UsageSubject&) const = default;
};

// What a model costs, for a million tokens.
struct Price {
  std::string model;
  std::int64_t input = 0;
  std::optional<std::int64_t> cached_input;  // nothing: as much as any other input
  std::int64_t output = 0;
  TimePoint updated_at;
};

// 10,000 of the currency for a million tokens.
inline constexpr std::int64_t max_price = 10'000'000'000;

// The models that Bellpull brings along cost nothing.
bool is_free(std::string_view model);

// What one call costs; negative counts, and those no model could have, are not believed.
std::int64_t cost_of(const Price& price, std::int64_t input_tokens, std::int64_t cached_tokens,
                     std::int64_t output_tokens);

}  // namespace bellpull
