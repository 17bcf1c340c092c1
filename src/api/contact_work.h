// What is done to a contact as a whole: merging two, erasing one with its records, and giving a
// conversation its contact. The first two are ours, beside the contract.
#pragma once

#include <cstdint>

#include "api/call.h"
#include "api/routes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "http/response.h"
#include "store/store.h"

namespace bellpull {

class ContactWork {
 public:
  ContactWork(Store& store, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Task<Response> merge(Call call);
  Task<Response> erase(Call call);
  Task<Response> fetch_erasure(Call call);
  Task<Response> upsert(Call call);

  // What an erasure would begin with; up to some thousands.
  Task<Result<std::int64_t>> count_conversations(Contact contact);

  Store& store_;
  const Clock& clock_;
};

}  // namespace bellpull
