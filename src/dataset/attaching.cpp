#include "dataset/attaching.h"

#include <expected>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/result.h"
#include "base/time.h"
#include "dataset/file_text.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

std::vector<Attachment> attachments_of(const Transaction& rows, const File& file) {
  return rows.attachments().list({.account = file.account,
                                  .page = {.take = max_attachments_of_file},
                                  .filters = {{.field = "file", .any_of = {file.id.key.value}}}});
}

// Whatever another import has brought so far will not be shown.
Result<void> ask_for_import(Transaction& rows, Attachment& attachment, TimePoint now) {
  attachment.state = AttachmentState::importing;
  ++attachment.last_import;
  attachment.starts = 0;
  attachment.updated_at = now;
  rows.start_job(attachment.account, JobKind::remove_imports, attachment.id.key.value);
  return rows.attachments().update(attachment);
}

}  // namespace

Result<Attachment> find_attached(const Transaction& rows, const Dataset& dataset,
                                 const File& file) {
  auto attachment = rows.attachments().find(dataset.id.key, file.id.key);
  if (attachment && attachment->state != AttachmentState::detached) return std::move(*attachment);
  return fail(ErrorCode::not_found, "File not attached");
}

Result<Attachment> attach(Transaction& rows, const Dataset& dataset, const File& file,
                          TimePoint now) {
  auto known = rows.attachments().find(dataset.id.key, file.id.key);
  if (known && known->state != AttachmentState::detached) return std::move(*known);
  if (file.content_type) {
    if (auto checked = check_importable(*file.content_type); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
  }
  if (std::cmp_greater_equal(attachments_of(rows, file).size(), max_attachments_of_file)) {
    return fail(ErrorCode::conflict,
                fmt::format("a file is attached to at most {} datasets", max_attachments_of_file));
  }
  Attachment attachment{.account = dataset.account,
                        .dataset = dataset.id,
                        .file = file.id,
                        .created_at = now,
                        .updated_at = now};
  Result<void> kept;
  if (known) {
    attachment = std::move(*known);
    kept = ask_for_import(rows, attachment, now);
  } else {
    kept = rows.attachments().add(attachment);
  }
  if (!kept) return std::unexpected(std::move(kept.error()));
  return attachment;
}

Result<Attachment> import_again(Transaction& rows, const Dataset& dataset, const File& file,
                                TimePoint now) {
  Result<Attachment> attachment = find_attached(rows, dataset, file);
  if (!attachment) return attachment;
  if (auto asked = ask_for_import(rows, *attachment, now); !asked) {
    return std::unexpected(std::move(asked.error()));
  }
  return attachment;
}

Result<Attachment> detach(Transaction& rows, const Dataset& dataset, const File& file,
                          KeepRecords keep, TimePoint now) {
  Result<Attachment> attachment = find_attached(rows, dataset, file);
  if (!attachment) return attachment;
  attachment->state = AttachmentState::detached;
  if (keep == KeepRecords::no) attachment->shown_import = 0;
  attachment->updated_at = now;
  if (auto kept = rows.attachments().update(*attachment); !kept) {
    return std::unexpected(std::move(kept.error()));
  }
  rows.start_job(attachment->account, JobKind::remove_imports, attachment->id.key.value);
  return attachment;
}

Result<void> import_everywhere(Transaction& rows, const File& file, TimePoint now) {
  for (Attachment& attachment : attachments_of(rows, file)) {
    if (auto asked = ask_for_import(rows, attachment, now); !asked) return asked;
  }
  return {};
}

}  // namespace bellpull
