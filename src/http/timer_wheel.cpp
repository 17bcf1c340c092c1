#include "http/timer_wheel.h"

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace bellpull {

void TimerWheel::insert(Entry& entry) {
  const std::int64_t wanted = (entry.due_ - start_ + tick_ - SteadyTime::duration{1}) / tick_;
  // Never the slot that is being looked at; a deadline beyond the wheel waits in its last slot.
  entry.slot_ = std::clamp(wanted, current_ + 1, current_ + std::int64_t{slot_count} - 1);
  Entry*& head = slot_at(entry.slot_);
  entry.next_ = head;
  entry.link_ = &head;
  if (head != nullptr) head->link_ = &entry.next_;
  head = &entry;
  ++size_;
}

void TimerWheel::schedule(Entry& entry, SteadyTime due) {
  entry.due_ = due;
  if (entry.link_ != nullptr) {
    if (due >= start_ + tick_ * entry.slot_) return;
    remove(entry);
  }
  insert(entry);
}

void TimerWheel::remove(Entry& entry) {
  if (entry.link_ == nullptr) return;
  *entry.link_ = entry.next_;
  if (entry.next_ != nullptr) entry.next_->link_ = entry.link_;
  entry.next_ = nullptr;
  entry.link_ = nullptr;
  --size_;
}

void TimerWheel::expire_slot(std::int64_t slot, SteadyTime now) {
  Entry*& head = slot_at(slot);
  while (head != nullptr) {
    Entry& entry = *head;
    remove(entry);
    if (entry.due_ <= now) {
      entry.expire(now);
    } else {
      insert(entry);
    }
  }
}

void TimerWheel::advance(SteadyTime now) {
  const std::int64_t target = (now - start_) / tick_;
  // After a pause longer than the wheel each slot is looked at once.
  current_ = std::max(current_, target - static_cast<std::int64_t>(slot_count));
  while (current_ < target) {
    ++current_;
    expire_slot(current_, now);
  }
}

}  // namespace bellpull
