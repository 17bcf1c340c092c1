// Records: the texts of a dataset (api-contract.md 2.6).
#pragma once

#include <cstddef>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/dataset.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class Records final : public Endpoints<Record> {
 public:
  Records(Store& store, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Result<Record> find(const Transaction& rows, const Call& call) const override;
  Result<void> narrow(const Transaction& rows, const Call& call, ListQuery& query) const override;
  Result<void> prepare(Transaction& rows, const Call& call, Record& added) const override;
  Result<void> revise(Transaction& rows, const Call& call, const Record& before,
                      Record& after) const override;
};

// What a search shows of a record, but for its score.
boost::json::object render_found(const Record& record, const View& view);

}  // namespace bellpull
