// The deadlines of many connections, looked at once a tick instead of with a timer each.
//
// Moving a deadline to later is one store: the entry stays where it is and is put right when its
// slot comes up. A deadline is never missed and never early, but up to a tick late.
//
// Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace bellpull {

class TimerWheel {
 public:
  // Something with one deadline. Its owner removes it before it dies.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    // The deadline has passed and is forgotten; may schedule the entry again.
    virtual void expire(SteadyTime now) = 0;

   protected:
    ~Entry() = default;

   private:
    friend class TimerWheel;
    Entry* next_ = nullptr;
    Entry** link_ = nullptr;  // what points to this entry; null when it is in no slot
    SteadyTime due_;
    std::int64_t slot_ = 0;
  };

  TimerWheel(SteadyTime start, Duration tick) : start_(start), tick_(tick) {}

  void schedule(Entry& entry, SteadyTime due);
  void remove(Entry& entry);
  // Expires every entry that is due at `now`.
  void advance(SteadyTime now);
  bool is_empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t slot_count = 128;

  void insert(Entry& entry);
  void expire_slot(std::int64_t slot, SteadyTime now);
  Entry*& slot_at(std::int64_t slot) {
    return slots_.at(static_cast<std::size_t>(slot) % slot_count);
  }

  const SteadyTime start_;
  const SteadyTime::duration tick_;

  std::array<Entry*, slot_count> slots_{};
  std::int64_t current_ = 0;  // the last slot that was looked at
  std::size_t size_ = 0;
};

}  // namespace bellpull
