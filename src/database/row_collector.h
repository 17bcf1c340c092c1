// Rows of a reply, up to its limits.
#pragma once

#include <cstddef>
#include <utility>

#include <boost/json/array.hpp>

#include "database/query.h"

namespace bellpull {

class RowCollector {
 public:
  RowCollector(std::size_t max_rows, std::size_t max_bytes)
      : max_rows_(max_rows), max_bytes_(max_bytes) {}

  // Whether a row of that size fits; if not, it and all that follow are dropped, and the reply says
  // so.
  bool admits(std::size_t row_bytes) {
    if (truncated_ != Truncation::none) return false;
    if (rows_.size() == max_rows_) truncated_ = Truncation::rows;
    if (row_bytes > max_bytes_ - bytes_) truncated_ = Truncation::bytes;
    if (truncated_ == Truncation::none) bytes_ += row_bytes;
    return truncated_ == Truncation::none;
  }
  void add(boost::json::array row) { rows_.emplace_back(std::move(row)); }
  // For a row that was too large to be even looked at.
  void cut() {
    if (truncated_ == Truncation::none) truncated_ = Truncation::bytes;
  }

  void give(QueryReply& reply) {
    reply.rows = std::move(rows_);
    reply.truncated = truncated_;
  }

 private:
  const std::size_t max_rows_;
  const std::size_t max_bytes_;
  boost::json::array rows_;
  std::size_t bytes_ = 0;
  Truncation truncated_ = Truncation::none;
};

}  // namespace bellpull
