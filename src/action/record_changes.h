// dataset/record/create, dataset/record/update and dataset/record/delete: what the API does to
// records, by a bot, within the account of its run.
#pragma once

#include <cstdint>

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/task.h"
#include "store/store.h"

namespace bellpull {

class RecordChangeAction final : public InnerAction {
 public:
  enum class Verb : std::uint8_t { create, update, remove };

  RecordChangeAction(Verb verb, Store& store) : verb_(verb), store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  const Verb verb_;
  Store& store_;
};

}  // namespace bellpull
