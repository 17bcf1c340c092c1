// Records: a resource table with an index of their words, where what an import left behind, or has
// not finished, is not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/record_index.h"
#include "sqlite/resource_table.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

class RecordTable final : public ResourceTable<Record, RecordStore> {
 public:
  RecordTable(Database& database, Random& random);

  Result<void> add(Record& record) override;
  Result<void> update(const Record& record) override;
  bool remove(RecordKey key) override;
  using ResourceTable<Record, RecordStore>::find;
  std::optional<Record> find(RecordKey key) const override;

  std::vector<std::string> words_of(std::string_view text, std::size_t limit) const override;
  DatasetSize size_of(DatasetKey dataset) const override;
  WordCount count(DatasetKey dataset, std::string_view word, RecordKey after) const override;
  std::optional<std::int64_t> visit(DatasetKey dataset, std::span<const std::string> words,
                                    RecordKey after, const Visit& visit) const override;

  // A bounded number of a removed dataset's records. Whether some are left.
  bool remove_some_of(DatasetKey dataset);
  // The same of those that an attachment neither shows nor imports.
  bool remove_some_hidden(AttachmentKey attachment);

 private:
  bool remove_some(Statement& ids);

  RecordIndex index_;
};

}  // namespace bellpull
