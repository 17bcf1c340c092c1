#include "agent/exchange.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time.h"
#include "domain/run.h"
#include "llm/provider.h"

namespace bellpull {

Exchange exchange_of(ModelAnswer answer) {
  Exchange exchange{
      .text = std::move(answer.text), .verbatim = std::move(answer.verbatim), .stop = answer.stop};
  exchange.calls.reserve(answer.calls.size());
  for (ToolCall& call : answer.calls) exchange.calls.push_back({.call = std::move(call)});
  return exchange;
}

std::optional<TimePoint> waits_until(const Exchange& exchange) {
  std::optional<TimePoint> earliest;
  for (const ExchangeCall& call : exchange.calls) {
    if (call.done || !call.waits_until) continue;
    if (!earliest || *call.waits_until < *earliest) earliest = call.waits_until;
  }
  return earliest;
}

const ExchangeCall* failed_while_others_wait(const Exchange& exchange) {
  const ExchangeCall* failed = nullptr;
  for (const ExchangeCall& call : exchange.calls) {
    if (call.intent != 0 && !call.done && !call.waits_until) return nullptr;
    if (failed == nullptr && call.settles == RunState::failed) failed = &call;
  }
  return failed;
}

bool has_open_calls(const Exchange& exchange) {
  return std::ranges::any_of(
      exchange.calls, [](const ExchangeCall& call) { return call.intent != 0 && !call.done; });
}

}  // namespace bellpull
