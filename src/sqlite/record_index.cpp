#include "sqlite/record_index.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "domain/dataset.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "sqlite/tables.h"
#include "sqlite/word_folding.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr std::string_view insert_sql = "insert into record_words (rowid, words) values (?1, ?2)";
constexpr std::string_view delete_sql =
    "insert into record_words (record_words, rowid, words) values ('delete', ?1, ?2)";
constexpr std::string_view merge_sql =
    "insert into record_words (record_words, rank) values ('merge', ?1)";

constexpr std::string_view resize_sql = R"sql(
  insert into dataset_sizes (dataset, records, words) values (?1, ?2, ?3)
    on conflict (dataset) do update
       set records = records + excluded.records, words = words + excluded.words)sql";

// Counting is quick: it reads neither records nor positions.
constexpr std::int64_t counted_rows = 20 * look_rows;
constexpr std::string_view count_sql = R"sql(
  select count(*), max(rowid) from
    (select rowid from record_words where record_words match ?1 and rowid > ?2
      order by rowid limit ?3))sql";

// A hidden record (Table<Record>::alive) comes along without its counts, so that a look ends.
std::string visit_sql() {
  return "select found.rowid, case when records.id is not null and " +
         std::string{Table<Record>::alive} +
         " then word_counts(record_words) end, records.meta from record_words found"
         " left join records on records.id = found.rowid"
         " where record_words match ?1 and found.rowid > ?2 order by found.rowid limit ?3";
}

// Merging a page takes a tenth of a millisecond. Each write does as much of it as it causes, so
// that the index never has to be merged at once.
constexpr std::int64_t merge_step = 16;
constexpr std::size_t bytes_of_page = 4096;
constexpr std::int64_t pages_of_write = 4;

// word_counts(record_words): the length of the record, then how often it has each word of the
// query, all of 32 bits.
void word_counts(const Fts5ExtensionApi* api, Fts5Context* match, sqlite3_context* result,
                 int /*count*/, sqlite3_value** /*arguments*/) {
  std::vector<std::int32_t> counts(1 + static_cast<std::size_t>(api->xPhraseCount(match)));
  int code = api->xColumnSize(match, 0, counts.data());
  for (std::size_t i = 1; code == SQLITE_OK && i < counts.size(); ++i) {
    Fts5PhraseIter position{};
    int column = 0;
    int offset = 0;
    code = api->xPhraseFirst(match, static_cast<int>(i - 1), &position, &column, &offset);
    while (code == SQLITE_OK && column >= 0) {
      ++counts[i];
      api->xPhraseNext(match, &position, &column, &offset);
    }
  }
  if (code != SQLITE_OK) {
    sqlite3_result_error_code(result, code);
    return;
  }
  sqlite3_result_blob64(result, counts.data(), counts.size() * sizeof(counts[0]), SQLITE_TRANSIENT);
}

std::string scoped(DatasetKey dataset, std::string_view word) {
  return std::to_string(dataset.value) + 'x' + std::string{word};
}

// "12xone" OR "12xtwo". Words are letters, digits and bytes above ASCII: nothing in them ends a
// string.
std::string any_of(DatasetKey dataset, std::span<const std::string> words) {
  std::string query;
  for (const std::string& word : words) {
    query += (query.empty() ? "\"" : " OR \"") + scoped(dataset, word) + '"';
  }
  return query;
}

Statement& prepared(std::optional<Statement>& slot, Database& database, std::string_view sql) {
  if (!slot) slot.emplace(database, sql);
  return *slot;
}

}  // namespace

RecordIndex::RecordIndex(Database& database) : database_(database), folding_(database) {
  fts5_api& api = full_text_search(database);
  const int code = api.xCreateFunction(&api, "word_counts", nullptr, word_counts, nullptr);
  if (code != SQLITE_OK) throw SqliteError(code, "no function word_counts");
}

RecordIndex::Document RecordIndex::document_of(DatasetKey dataset, std::string_view text) const {
  Document document;
  document.words.reserve(text.size() * 2);
  const std::string scope = scoped(dataset, {});
  folding_.fold(text, [&](std::string_view word) {
    document.words.append(scope).append(word).push_back(' ');
    ++document.length;
  });
  return document;
}

void RecordIndex::add(RecordKey record, DatasetKey dataset, std::string_view text) {
  const Document document = document_of(dataset, text);
  prepared(insert_, database_, insert_sql)
      .with(record.value, std::string_view{document.words})
      .run();
  constexpr std::int64_t one = 1;
  prepared(resize_, database_, resize_sql).with(dataset.value, one, document.length).run();
  merge(text.size());
}

void RecordIndex::remove(RecordKey record, DatasetKey dataset, std::string_view text) {
  const Document document = document_of(dataset, text);
  prepared(delete_, database_, delete_sql)
      .with(record.value, std::string_view{document.words})
      .run();
  constexpr std::int64_t one_less = -1;
  prepared(resize_, database_, resize_sql).with(dataset.value, one_less, -document.length).run();
  merge(text.size());
}

void RecordIndex::merge(std::size_t bytes) {
  pages_owed_ += pages_of_write + static_cast<std::int64_t>(bytes / bytes_of_page);
  if (pages_owed_ < merge_step) return;
  prepared(merge_, database_, merge_sql).with(pages_owed_).run();
  pages_owed_ = 0;
}

void RecordIndex::forget_size(DatasetKey dataset) {
  Statement{database_, "delete from dataset_sizes where dataset = ?1"}.with(dataset.value).run();
}

std::vector<std::string> RecordIndex::words_of(std::string_view text, std::size_t limit) const {
  std::vector<std::string> words;
  folding_.fold(text, [&](std::string_view word) {
    if (words.size() < limit && std::ranges::find(words, word) == words.end()) {
      words.emplace_back(word);
    }
  });
  return words;
}

DatasetSize RecordIndex::size_of(DatasetKey dataset) const {
  Statement& size =
      prepared(size_, database_, "select records, words from dataset_sizes where dataset = ?1");
  if (!size.with(dataset.value).step()) return {};
  const DatasetSize found{.records = size.number(0), .words = size.number(1)};
  size.reset();
  return found;
}

WordCount RecordIndex::count(DatasetKey dataset, std::string_view word, RecordKey after) const {
  const std::string query = '"' + scoped(dataset, word) + '"';
  Statement& count = prepared(count_, database_, count_sql);
  count.with(std::string_view{query}, after.value, counted_rows).step();
  WordCount found{.records = count.number(0)};
  if (found.records == counted_rows) found.passed = count.number(1);
  count.reset();
  return found;
}

std::optional<std::int64_t> RecordIndex::visit(DatasetKey dataset,
                                               std::span<const std::string> words, RecordKey after,
                                               const RecordStore::Visit& visit) const {
  if (words.empty()) return std::nullopt;
  const std::string query = any_of(dataset, words);
  Statement& rows = prepared(visit_, database_, visit_sql());
  rows.with(std::string_view{query}, after.value, look_rows);
  std::vector<std::int32_t> counts(1 + words.size());
  std::int64_t passed = 0;
  std::int64_t seen = 0;
  while (rows.step()) {
    passed = rows.number(0);
    ++seen;
    const std::string_view bytes = rows.view(1);
    if (bytes.size() != counts.size() * sizeof(counts[0])) continue;
    std::memcpy(counts.data(), bytes.data(), bytes.size());
    visit({.record = {passed},
           .length = counts[0],
           .counts = std::span{counts}.subspan(1),
           .meta = rows.view(2)});
  }
  if (seen < look_rows) return std::nullopt;
  return passed;
}

}  // namespace bellpull
