// The triggers whose backlogs wait to be read on, each once: first those of which nothing is ready.
//
// Pure bookkeeping: no I/O, no clock. Threads: one.
#pragma once

#include <list>
#include <optional>
#include <unordered_map>

#include "domain/ids.h"

namespace bellpull {

class HungryTriggers {
 public:
  // At the end of the line, as one that still has something ready. It must not be here.
  void add(TriggerKey trigger);
  // Nothing of it is ready any more. Does nothing for one that is not here.
  void starve(TriggerKey trigger);

  // Out of the line: the first of the starving ones only, or of all, starving ones first.
  std::optional<TriggerKey> take_starving();
  std::optional<TriggerKey> take();
  // Whether it was in the line.
  bool remove(TriggerKey trigger);
  void clear();

 private:
  struct Place {
    std::list<TriggerKey>::iterator at;
    bool starves = false;
  };

  std::list<TriggerKey> starving_;
  std::list<TriggerKey> others_;
  std::unordered_map<TriggerKey, Place> places_;
};

}  // namespace bellpull
