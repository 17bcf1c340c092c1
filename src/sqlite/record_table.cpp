#include "sqlite/record_table.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/record_index.h"
#include "sqlite/resource_table.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Of one piece of background work: some milliseconds of the writer, most of it for their words.
constexpr std::int64_t removed_rows = 25;
constexpr std::size_t removed_bytes = std::size_t{64} * 1024;

constexpr std::string_view of_dataset_sql =
    "select id from records where dataset = ?1 order by id limit ?2";

}  // namespace

RecordTable::RecordTable(Database& database, Random& random)
    : ResourceTable(database, random, [](RecordKey, AccountKey, Write) {}), index_(database) {}

Result<void> RecordTable::add(Record& record) {
  if (auto added = ResourceTable::add(record); !added) return added;
  index_.add(record.id.key, record.dataset.key, record.text);
  return {};
}

Result<void> RecordTable::update(const Record& record) {
  const std::optional<Record> before = ResourceTable::find(record.id.key);
  if (auto updated = ResourceTable::update(record); !updated) return updated;
  if (before && before->text != record.text) {
    index_.remove(record.id.key, before->dataset.key, before->text);
    index_.add(record.id.key, record.dataset.key, record.text);
  }
  return {};
}

bool RecordTable::remove(RecordKey key) {
  const std::optional<Record> before = ResourceTable::find(key);
  if (!before) return false;
  index_.remove(key, before->dataset.key, before->text);
  return ResourceTable::remove(key);
}

std::optional<Record> RecordTable::find(RecordKey key) const {
  std::optional<Record> found = ResourceTable::find(key);
  if (found && found->attachment) {
    Statement shown{database_, "select 1 from attachments where id = ?1 and shown_import = ?2"};
    if (!shown.with(found->attachment->value, found->import).step()) found.reset();
  }
  return found;
}

std::vector<std::string> RecordTable::words_of(std::string_view text, std::size_t limit) const {
  return index_.words_of(text, limit);
}

DatasetSize RecordTable::size_of(DatasetKey dataset) const { return index_.size_of(dataset); }

WordCount RecordTable::count(DatasetKey dataset, std::string_view word, RecordKey after) const {
  return index_.count(dataset, word, after);
}

std::optional<std::int64_t> RecordTable::visit(DatasetKey dataset,
                                               std::span<const std::string> words, RecordKey after,
                                               const Visit& visit) const {
  return index_.visit(dataset, words, after, visit);
}

bool RecordTable::remove_some(Statement& ids) {
  std::vector<RecordKey> records;
  while (ids.step()) records.push_back({ids.number(0)});
  std::size_t bytes = 0;
  for (const RecordKey key : records) {
    const std::optional<Record> record = ResourceTable::find(key);
    if (record) bytes += record->text.size() + record->meta.size();
    remove(key);
    if (bytes >= removed_bytes) return true;
  }
  return std::cmp_equal(records.size(), removed_rows);
}

bool RecordTable::remove_some_of(DatasetKey dataset) {
  Statement ids{database_, of_dataset_sql};
  ids.with(dataset.value, removed_rows);
  if (remove_some(ids)) return true;
  index_.forget_size(dataset);
  return false;
}

bool RecordTable::remove_some_hidden(AttachmentKey attachment) {
  Statement ids{database_, hidden_records_sql};
  ids.with(attachment.value, removed_rows);
  return remove_some(ids);
}

}  // namespace bellpull
