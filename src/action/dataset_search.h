// dataset/search: the records of a dataset that fit a text best, as the API's search gives them.
#pragma once

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/record_search.h"
#include "store/store.h"

namespace bellpull {

class DatasetSearchAction final : public InnerAction {
 public:
  DatasetSearchAction(Store& store, const Clock& clock) : store_(store), search_(store, clock) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
  const RecordSearch search_;
};

}  // namespace bellpull
