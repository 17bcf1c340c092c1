#include "schedule/due_times.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

namespace {

// So that a small heap is not rebuilt all the time.
constexpr std::size_t few_entries = 64;

}  // namespace

void DueTimes::set(TriggerKey trigger, TimePoint time) {
  const auto [known, is_new] = times_.try_emplace(trigger, Known{time, entries_});
  if (!is_new) {
    if (known->second.time == time) return;
    known->second = {time, entries_};
  }
  heap_.push_back({time, entries_++, trigger});
  std::ranges::push_heap(heap_, is_later);
  if (heap_.size() > 2 * times_.size() + few_entries) rebuild();
}

void DueTimes::remove(TriggerKey trigger) { times_.erase(trigger); }

void DueTimes::clear() {
  heap_.clear();
  times_.clear();
}

std::optional<TimePoint> DueTimes::earliest() {
  drop_replaced();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().time;
}

std::vector<TriggerKey> DueTimes::take_due(TimePoint now, std::size_t limit) {
  std::vector<TriggerKey> due;
  while (due.size() < limit) {
    drop_replaced();
    if (heap_.empty() || heap_.front().time > now) break;
    due.push_back(heap_.front().trigger);
    times_.erase(heap_.front().trigger);
    pop();
  }
  return due;
}

void DueTimes::drop_replaced() {
  while (!heap_.empty()) {
    const auto known = times_.find(heap_.front().trigger);
    if (known != times_.end() && known->second.number == heap_.front().number) return;
    pop();
  }
}

void DueTimes::pop() {
  std::ranges::pop_heap(heap_, is_later);
  heap_.pop_back();
}

void DueTimes::rebuild() {
  heap_.clear();
  heap_.reserve(times_.size());
  for (const auto& [trigger, known] : times_) {
    heap_.push_back({known.time, known.number, trigger});
  }
  std::ranges::make_heap(heap_, is_later);
  heap_.shrink_to_fit();
}

}  // namespace bellpull
