// Attaching files to datasets: the changes that ask for an import, which then happens in the
// background (importer.h).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "store/transaction.h"

namespace bellpull {

// What stays of a detached file in its dataset.
enum class KeepRecords : std::uint8_t { no, yes };

// Does nothing when it is attached already. Fails with `invalid` when its content is of a type that
// can't be imported, and with `conflict` when the file has too many attachments.
Result<Attachment> attach(Transaction& rows, const Dataset& dataset, const File& file,
                          TimePoint now);
// These three fail with `not_found` when the file is not attached.
Result<Attachment> find_attached(const Transaction& rows, const Dataset& dataset, const File& file);
Result<Attachment> import_again(Transaction& rows, const Dataset& dataset, const File& file,
                                TimePoint now);
Result<Attachment> detach(Transaction& rows, const Dataset& dataset, const File& file,
                          KeepRecords keep, TimePoint now);
// Into every dataset that it is attached to.
Result<void> import_everywhere(Transaction& rows, const File& file, TimePoint now);

}  // namespace bellpull
