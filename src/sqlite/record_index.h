// The full-text index of all records: an FTS5 table without content, in the main file, changed in
// the transaction that changes the record.
//
// Every word is kept under its dataset's number ("12xrefund"), so a search reads what that dataset
// has and nothing else, however large the others are, and its counts say nothing of them. What is
// asked for is put together from folded words only: no text of a user is ever query syntax.
//
// Invariant: a record is taken out with the very text it was put in with.
// Threads: the connection's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/word_folding.h"
#include "store/transaction.h"

namespace bellpull {

class RecordIndex {
 public:
  explicit RecordIndex(Database& database);

  void add(RecordKey record, DatasetKey dataset, std::string_view text);
  void remove(RecordKey record, DatasetKey dataset, std::string_view text);
  void forget_size(DatasetKey dataset);

  std::vector<std::string> words_of(std::string_view text, std::size_t limit) const;
  DatasetSize size_of(DatasetKey dataset) const;
  WordCount count(DatasetKey dataset, std::string_view word, RecordKey after) const;
  std::optional<std::int64_t> visit(DatasetKey dataset, std::span<const std::string> words,
                                    RecordKey after, const RecordStore::Visit& visit) const;

 private:
  struct Document {
    std::string words;
    std::int64_t length = 0;
  };
  Document document_of(DatasetKey dataset, std::string_view text) const;
  void merge(std::size_t bytes);

  Database& database_;
  const WordFolding folding_;
  std::int64_t pages_owed_ = 0;
  std::optional<Statement> insert_;
  std::optional<Statement> delete_;
  std::optional<Statement> merge_;
  std::optional<Statement> resize_;
  mutable std::optional<Statement> size_;
  mutable std::optional<Statement> count_;
  mutable std::optional<Statement> visit_;
};

}  // namespace bellpull
