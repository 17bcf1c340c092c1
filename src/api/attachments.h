// Files that are attached to datasets, whose texts are imported as records (api-contract.md 2.7).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class Attachments {
 public:
  Attachments(Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  void add_routes(Routes& routes);

 private:
  // Decides, in the transaction, what happens to the file in the dataset.
  using Decide = std::function<Result<Attachment>(Transaction& rows, const Dataset& dataset,
                                                  const File& file, TimePoint now)>;

  Task<Response> list(Call call);
  Task<Response> attach_file(Call call);
  Task<Response> detach_file(Call call);
  Task<Response> sync_file(Call call);
  Task<Response> change(Call call, std::string_view verb, Decide decide);
  Task<Result<ListPage>> read_page(ListQuery query, Page page, View view);

  Store& store_;
  const Clock& clock_;
};

}  // namespace bellpull
