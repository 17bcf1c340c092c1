// At most so many at a time; the others wait in the order of their arrival.
//
// Nobody is refused and no wait is cut short, so what a turn is taken for must be short. What waits
// is bounded by what may ask: the connections of the server.
//
// Lifetime: outlives its turns and those who wait. Threads: any; a wait ends on its own executor.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "base/task.h"

namespace bellpull {

class Turns {
 public:
  explicit Turns(std::size_t at_once) : left_(at_once) {}

  // Passed on when it is destroyed.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}

   private:
    struct PassOn {
      void operator()(Turns* turns) const { turns->pass_on(); }
    };
    std::unique_ptr<Turns, PassOn> turns_;
  };

  Task<Turn> take();

 private:
  void pass_on();

  std::mutex mutex_;
  // guarded by mutex_:
  std::size_t left_;
  std::deque<std::move_only_function<void()>> waiting_;
};

}  // namespace bellpull
