// When each trigger fires next, ordered: a heap of times, and the time that counts for each
// trigger.
//
// A time that was replaced stays in the heap until it comes up, or until such times are the most
// of it; so a change costs a push, and a trigger takes about 100 bytes.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

class DueTimes {
 public:
  // Of those with the same time, the one that was set first comes first.
  void set(TriggerKey trigger, TimePoint time);
  void remove(TriggerKey trigger);
  void clear();

  bool has(TriggerKey trigger) const { return times_.contains(trigger); }
  std::size_t size() const { return times_.size(); }
  std::optional<TimePoint> earliest();
  // Takes out some of those whose time has come, the earliest first.
  std::vector<TriggerKey> take_due(TimePoint now, std::size_t limit);

 private:
  struct Known {
    TimePoint time;
    std::uint64_t number;  // of the entries, as they came
  };
  struct Entry {
    TimePoint time;
    std::uint64_t number;
    TriggerKey trigger;
  };

  static bool is_later(const Entry& one, const Entry& other) {
    return std::pair{one.time, one.number} > std::pair{other.time, other.number};
  }
  void drop_replaced();  // from the top of the heap
  void pop();
  void rebuild();

  std::vector<Entry> heap_;
  std::uint64_t entries_ = 0;
  std::unordered_map<TriggerKey, Known> times_;
};

}  // namespace bellpull
