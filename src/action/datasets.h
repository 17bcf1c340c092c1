// dataset/list and dataset/create: the datasets of the account, for a bot that keeps records.
#pragma once

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/task.h"
#include "store/store.h"

namespace bellpull {

class DatasetListAction final : public InnerAction {
 public:
  explicit DatasetListAction(Store& store) : store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
};

class DatasetCreateAction final : public InnerAction {
 public:
  explicit DatasetCreateAction(Store& store) : store_(store) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
};

}  // namespace bellpull
