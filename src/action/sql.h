// sql: one statement on a database that the operator declared.
//
// The placeholders of the statement are bound as parameters, so no argument becomes part of it. A
// statement for a database that is for reading only may be repeated; any other counts as a write.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "base/task.h"
#include "database/databases.h"
#include "database/query.h"

namespace bellpull {

class SqlAction final : public Action {
 public:
  explicit SqlAction(Databases& databases) : databases_(databases) {}

  const ActionShape& shape() const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Task<QueryAnswer> query(BoundStatement statement);

  Databases& databases_;
};

}  // namespace bellpull
