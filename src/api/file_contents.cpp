#include "api/file_contents.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "api/rows.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// The upload becomes the file's content, and what was its content goes.
Result<void> take_over(Transaction& rows, FileId id, UploadKey upload, std::size_t size,
                       const std::string& type, TimePoint now) {
  std::optional<File> file = rows.files().find(id);
  if (!file) return not_found("File");
  if (file->content) rows.start_job(file->account, JobKind::remove_upload, *file->content);
  if (!rows.files().keep_upload(upload)) {
    return fail(ErrorCode::unavailable,
                "The upload was given up, because the clock was set meanwhile", "upload it again");
  }
  file->content = upload;
  file->content_size = static_cast<std::int64_t>(size);
  file->content_type = type;
  file->updated_at = now;
  return rows.files().update(*file);
}

// What a file that was removed meanwhile leaves.
void drop(Transaction& rows, AccountKey account, UploadKey upload) {
  rows.files().keep_upload(upload);
  rows.start_job(account, JobKind::remove_upload, upload);
}

// A content on its way out, piece by piece.
struct Outgoing {
  Store& store;
  UploadKey upload;
  std::int64_t size;
  std::string piece;  // the first one, when it starts
};

Task<void> write_pieces(BodyWriter writer, std::shared_ptr<Outgoing> content) {
  std::int64_t sent = 0;
  for (std::int64_t number = 1;; ++number) {
    const bool there = co_await writer.write(content->piece);
    if (!there) co_return;
    sent += static_cast<std::int64_t>(content->piece.size());
    if (sent >= content->size) co_return;
    std::optional<std::string> next = co_await content->store.read(
        [&](const Transaction& rows) { return rows.files().piece(content->upload, number); });
    // The connection is cut, so that half a content is never taken for a whole one.
    if (!next) throw StoreUnavailable("the content was replaced while it was sent");
    content->piece = std::move(*next);
  }
}

// Nothing that a browser would do with it: no guessing, no page of ours, no script.
void add_safe_headers(Response& response, const File& file) {
  response.content_type = {};
  response.headers.add("content-type", file.content_type.value_or("application/octet-stream"));
  const std::string name = file.name.empty() ? file.id.text() : file.name;
  response.headers.add("content-disposition",
                       "attachment; filename*=UTF-8''" + percent_encode(name));
  response.headers.add("x-content-type-options", "nosniff");
  response.headers.add("content-security-policy", "default-src 'none'; sandbox");
  response.headers.add("cache-control", "private, no-store");
}

}  // namespace

Result<void> FileContents::check_size(std::size_t size) const {
  if (size <= limit_) return {};
  return fail(ErrorCode::too_large, fmt::format("a file must be at most {} bytes", limit_));
}

Task<Result<void>> FileContents::keep(FileId file, std::string_view bytes, std::string type,
                                      Also also) const {
  const Result<void> fits = check_size(bytes.size());
  if (!fits) co_return fits;
  const TimePoint now = clock_.now();
  AccountKey account;
  UploadKey upload = 0;
  std::size_t at = 0;
  for (std::int64_t number = 0; number == 0 || at < bytes.size(); ++number) {
    const std::string_view piece = bytes.substr(at, piece_bytes);
    at += piece.size();
    const Result<void> kept = co_await store_.transact([&](Transaction& rows) -> Result<void> {
      if (number == 0) {
        const std::optional<File> found = rows.files().find(file);
        if (!found) return not_found("File");
        account = found->account;
        upload = rows.files().start_upload(*found, now);
      }
      if (!piece.empty()) rows.files().add_piece(upload, number, piece);
      if (at < bytes.size()) return {};
      const auto taken = take_over(rows, file, upload, bytes.size(), type, now);
      const auto holder = rows.files().find(file);
      if (taken && also && holder) also(rows, *holder);
      return taken;
    });
    if (kept) continue;
    if (number > 0) {
      co_await store_.transact([&](Transaction& rows) -> Result<void> {
        drop(rows, account, upload);
        return {};
      });
    }
    co_return kept;
  }
  co_return Result<void>{};
}

Task<Result<Response>> FileContents::reply(FileId id) const {
  std::string first;
  const std::optional<File> file = co_await store_.read([&](const Transaction& rows) {
    std::optional<File> found = rows.files().find(id);
    if (found && found->content) first = rows.files().piece(*found->content, 0).value_or("");
    return found;
  });
  if (!file) co_return not_found("File");
  if (!file->content) co_return Response{.status = 204};
  Response response;
  add_safe_headers(response, *file);
  const auto size = file->content_size.value_or(0);
  if (size <= static_cast<std::int64_t>(piece_bytes)) {
    response.body = std::move(first);
    co_return response;
  }
  // Shared: the reply that holds it may be copied before it is sent.
  const auto content =
      std::make_shared<Outgoing>(Outgoing{store_, *file->content, size, std::move(first)});
  response.stream = [content](BodyWriter& writer) { return write_pieces(writer, content); };
  co_return response;
}

}  // namespace bellpull
