// The postings of terms: for each value that rows can be listed by, those rows' numbers, in blocks
// (posting_block.h), each a row of the index file.
//
// Postings of a batch are written together, so a term that every row of it has costs a row for 128
// of them, and one that a few have the row that it has already.
// Errors: those of the database; std::runtime_error for a block that was never written.
// Lifetime: the database outlives both. Threads: those of the database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "store/list.h"

namespace bellpull {

// The rows of a term up to the number `last`. Blocks may change meanwhile: what is in them all the
// time is given once.
std::unique_ptr<IdStream> rows_of_term(Database& index, std::int64_t term, std::int64_t last,
                                       Order order);

class PostingWriter {
 public:
  explicit PostingWriter(Database& index);

  // Remembered until write(); of one posting the last call counts. Adding what is there changes
  // nothing, nor does removing what is not.
  void add(std::int64_t term, std::int64_t id) { changes_.push_back({term, id, true}); }
  void remove(std::int64_t term, std::int64_t id) { changes_.push_back({term, id, false}); }
  void write();

  struct Place {
    std::int64_t term = 0;
    std::int64_t first = 0;
  };
  // Removes blocks with only numbers below `id` from a stretch of those after a place, of terms
  // below `end`. Gives where the stretch ended; nothing when there are no more.
  std::optional<Place> forget_below(std::int64_t id, Place after, std::int64_t end);

 private:
  struct Change {
    std::int64_t term = 0;
    std::int64_t id = 0;
    bool is_added = false;
  };
  struct Block {
    std::vector<std::int64_t> ids;  // none: there is no such block yet
    std::int64_t end = 0;           // where the next one begins
  };

  // The block that a number belongs to.
  Block block_of(std::int64_t term, std::int64_t id);
  void write_term(std::span<const Change> changes);
  void replace(std::int64_t term, std::span<const std::int64_t> before,
               std::span<const std::int64_t> after);

  Statement newest_;
  Statement holding_;
  Statement following_;
  Statement put_;
  Statement remove_;
  Statement stretch_;
  std::vector<Change> changes_;
};

}  // namespace bellpull
