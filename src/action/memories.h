// memory/create, memory/search, memory/list and memory/delete: what a bot keeps in mind between
// runs, of the contact or for itself.
//
// The scope is the run's contact where it has one, or else its bot. A stranger's ability has the
// memories of its own bot, and none of the contact.
#pragma once

#include <cstdint>

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/task.h"
#include "store/store.h"

namespace bellpull {

class MemoryChangeAction final : public InnerAction {
 public:
  enum class Verb : std::uint8_t { create, remove };

  MemoryChangeAction(Verb verb, Store& store) : verb_(verb), store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  const Verb verb_;
  Store& store_;
};

class MemoryLookAction final : public InnerAction {
 public:
  enum class Verb : std::uint8_t { search, list };

  MemoryLookAction(Verb verb, Store& store) : verb_(verb), store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  const Verb verb_;
  Store& store_;
};

}  // namespace bellpull
