// A statement's results, one by one, as a reply within its limits.
#pragma once

#include <cstddef>

#include <libpq-fe.h>

#include "database/declaration.h"
#include "database/query.h"
#include "database/row_collector.h"

namespace bellpull {

class PostgresReply {
 public:
  explicit PostgresReply(const DatabaseDeclaration& declaration)
      : rows_(declaration.max_rows, declaration.max_bytes) {}

  // A row, or the end of the rows; no error.
  void add(PGresult* result);
  // For a row that was too large to be fetched.
  void cut() { rows_.cut(); }
  // Whether so much was dropped that reading on costs more than to connect again.
  bool is_over() const;

  QueryReply take();

 private:
  QueryReply reply_;
  RowCollector rows_;
  std::size_t dropped_bytes_ = 0;
};

}  // namespace bellpull
