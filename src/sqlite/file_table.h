// Files: a resource table, and their contents in pieces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "domain/file.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"
#include "store/transaction.h"

namespace bellpull {

class FileTable final : public ResourceTable<File, FileStore> {
 public:
  FileTable(Database& database, Random& random, Written& written);

  UploadKey start_upload(const File& file, TimePoint now) override;
  void add_piece(UploadKey upload, std::int64_t number, std::string_view bytes) override;
  bool keep_upload(UploadKey upload) override;
  std::optional<std::string> piece(UploadKey upload, std::int64_t number) const override;

  // A bounded number of an upload's pieces. Whether some are left.
  bool remove_some_of(UploadKey upload);
};

// Removes, as jobs, what an earlier process was uploading.
void abandon_uploads(Database& database);

}  // namespace bellpull
