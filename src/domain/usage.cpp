#include "domain/usage.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace bellpull {

namespace {

// No model takes as many in one call; with max_price, a cost stays within 64 bits.
constexpr std::int64_t max_tokens_of_call = 100'000'000;
// A millionth for a million tokens is 1/1000 of a billionth for one.
constexpr std::int64_t price_units_in_cost = 1000;

}  // namespace

UsageCounts& UsageCounts::operator+=(const UsageCounts& other) {
  runs += other.runs;
  conversations += other.conversations;
  messages += other.messages;
  model_calls += other.model_calls;
  action_calls += other.action_calls;
  input_tokens += other.input_tokens;
  cached_tokens += other.cached_tokens;
  output_tokens += other.output_tokens;
  cost += other.cost;
  unpriced_calls += other.unpriced_calls;
  return *this;
}

bool is_free(std::string_view model) { return model.starts_with("builtin/"); }

std::int64_t cost_of(const Price& price, std::int64_t input_tokens, std::int64_t cached_tokens,
                     std::int64_t output_tokens) {
  const std::int64_t input = std::clamp<std::int64_t>(input_tokens, 0, max_tokens_of_call);
  const std::int64_t cached = std::clamp<std::int64_t>(cached_tokens, 0, input);
  const std::int64_t output = std::clamp<std::int64_t>(output_tokens, 0, max_tokens_of_call);
  const std::int64_t in_price_units = (input - cached) * price.input +
                                      cached * price.cached_input.value_or(price.input) +
                                      output * price.output;
  return (in_price_units + price_units_in_cost / 2) / price_units_in_cost;
}

}  // namespace bellpull
