// The contents of files, into the store and out of it.
//
// A content is kept in pieces, each in a transaction of its own, and becomes the file's in the last
// one: whoever reads sees the whole old one or the whole new one.
//
// Lifetime: the store and the clock outlive it. Threads: any.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

class FileContents {
 public:
  FileContents(Store& store, const Clock& clock, std::size_t limit)
      : store_(store), clock_(clock), limit_(limit) {}

  std::size_t limit() const { return limit_; }
  // Fails with `too_large`.
  Result<void> check_size(std::size_t size) const;

  // What else the commit does that gives the file its content.
  using Also = std::function<void(Transaction& rows, const File& file)>;
  // `bytes` must live until it is done. Fails with `not_found` when the file is gone, and with
  // `too_large`.
  Task<Result<void>> keep(FileId file, std::string_view bytes, std::string type,
                          Also also = nullptr) const;

  // The content as a reply: 204 when there is none. A browser that gets it shows and runs nothing.
  // Fails with `not_found`.
  Task<Result<Response>> reply(FileId file) const;

 private:
  Store& store_;
  const Clock& clock_;
  const std::size_t limit_;
};

}  // namespace bellpull
