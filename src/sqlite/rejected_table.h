// Requests that triggers refused: their rows, few for each trigger.
#pragma once

#include "sqlite/database.h"
#include "store/list.h"
#include "store/rejected_requests.h"

namespace bellpull {

class RejectedTable final : public RejectedStore {
 public:
  explicit RejectedTable(Database& database);

  void add(const RejectedRequests& rejected) override;
  PagePart<RejectedRequests> look(const ListQuery& query) const override;

 private:
  Database& database_;
  Statement count_;
  Statement insert_;
  Statement forget_;
};

}  // namespace bellpull
