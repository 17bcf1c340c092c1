// Attachments: a resource table that tells who imports that there is something to do.
#pragma once

#include <optional>

#include "base/random.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"
#include "store/transaction.h"

namespace bellpull {

class AttachmentTable final : public ResourceTable<Attachment, AttachmentStore> {
 public:
  AttachmentTable(Database& database, Random& random, Written& written);

  using ResourceTable<Attachment, AttachmentStore>::find;
  std::optional<Attachment> find(DatasetKey dataset, FileKey file) const override;
  std::optional<Attachment> next_import(AccountKey after) const override;

  // What nothing is known by any more.
  void forget_detached(AttachmentKey attachment);
};

}  // namespace bellpull
