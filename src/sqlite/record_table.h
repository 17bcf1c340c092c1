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

// Of an attachment, what neither the shown import has brought nor the one that is under way, up to
// a number of rows. Three ranges of the index: those two are jumped over, however many rows they
// are.
inline constexpr std::string_view hidden_records_sql = R"sql(
  with kept as (
    select min(shown_import, last) as low, max(shown_import, last) as high
      from (select shown_import, case state when 0 then last_import else shown_import end as last
              from attachments where id = ?1))
  select r.id from kept cross join records r on r.attachment = ?1 and r.import < low
  union all
  select r.id from kept cross join records r
      on r.attachment = ?1 and r.import > low and r.import < high
  union all
  select r.id from kept cross join records r on r.attachment = ?1 and r.import > high
   limit ?2)sql";

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
