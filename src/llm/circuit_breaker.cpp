#include "llm/circuit_breaker.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "llm/provider.h"

namespace bellpull {

namespace {

constexpr Duration usual_pause = std::chrono::seconds{30};
// Somebody must act first: a key, money. A permission may be of one model only.
constexpr Duration long_pause = std::chrono::minutes{5};

constexpr auto needs_somebody = std::to_array<std::string_view>({"unauthorized", "quota"});
constexpr auto of_the_server = std::to_array<std::string_view>(
    {"timeout", "connection", "tls", "server_error", "overloaded", "bad_answer"});

template <typename Words>
bool is_one_of(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::optional<Duration> CircuitBreaker::refusal(bool may_try) {
  if (!health_.is_open) return std::nullopt;
  const SteadyTime now = clock_.steady_now();
  if (now < open_until_) return std::chrono::duration_cast<Duration>(open_until_ - now);
  if (is_trying_ || !may_try) return usual_pause;
  is_trying_ = true;
  return std::nullopt;
}

void CircuitBreaker::note_answer() {
  health_ = {};
  is_trying_ = false;
}

void CircuitBreaker::note_failure(const Failure& failure) {
  const bool is_hopeless = is_one_of(needs_somebody, failure.cause);
  const bool was_trying = is_trying_;
  is_trying_ = false;
  if (failure.cause == "canceled" || failure.cause == "rate_limited") return;
  if (!is_hopeless && !is_one_of(of_the_server, failure.cause)) {
    note_answer();
    return;
  }
  ++health_.failures_in_a_row;
  health_.last_failure = failure.message;
  if (most_failures_ == 0) return;
  if (!is_hopeless && !was_trying && health_.failures_in_a_row < most_failures_) return;
  health_.is_open = true;
  open_until_ = clock_.steady_now() + (is_hopeless ? long_pause : usual_pause);
}

}  // namespace bellpull
