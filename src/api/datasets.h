// Datasets: texts that bots search, and the search itself (api-contract.md 2.5).
#pragma once

#include "api/call.h"
#include "api/endpoints.h"
#include "api/log_pace.h"
#include "api/routes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/record_search.h"
#include "domain/dataset.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class Datasets final : public Endpoints<Dataset> {
 public:
  Datasets(Store& store, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Result<void> erase(Transaction& rows, const Call& call, const Dataset& found,
                     TimePoint now) const override;
  Task<Response> search(Call call);

  const RecordSearch search_;
  LogPace searches_;  // that are logged
};

}  // namespace bellpull
