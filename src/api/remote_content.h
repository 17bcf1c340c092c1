// Content that a request names by its URL: who fetches it is the outside's business (src/app).
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "base/task.h"

namespace bellpull {

// Threads: any.
class RemoteContent {
 public:
  struct Fetched {
    std::string bytes;
    std::string type;  // as the other side says
  };

  virtual ~RemoteContent() = default;
  // Fails with `invalid` when there is nothing to be had, and with `too_large` above `limit` bytes.
  virtual Task<Result<Fetched>> fetch(std::string url, std::size_t limit) = 0;
};

}  // namespace bellpull
