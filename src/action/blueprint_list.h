// blueprint/resource/list: the bots, skillsets, datasets and triggers of a blueprint; without an
// id, of the run's trigger's.
#pragma once

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/task.h"
#include "store/store.h"

namespace bellpull {

class BlueprintListAction final : public InnerAction {
 public:
  explicit BlueprintListAction(Store& store) : store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
};

}  // namespace bellpull
