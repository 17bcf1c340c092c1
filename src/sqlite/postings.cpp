#include "sqlite/postings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sqlite/database.h"
#include "sqlite/id_stream.h"
#include "sqlite/posting_block.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();
// Blocks that are looked at in one stretch of forgetting.
constexpr std::int64_t stretch_blocks = 10'000;

constexpr const char* holding_sql =
    "select first, rest from postings where term = ?1 and first <= ?2 order by first desc limit 1";
constexpr const char* following_sql =
    "select first, rest from postings where term = ?1 and first > ?2 order by first limit 1";

class TermRows final : public IdStream {
 public:
  TermRows(Database& index, std::int64_t term, std::int64_t last, Order order)
      : term_(term),
        last_(last),
        order_(order),
        holding_(index, holding_sql),
        following_(index, following_sql) {}

  std::optional<std::int64_t> seek(std::int64_t from) override {
    if (has_ended_) return std::nullopt;
    const bool is_descending = order_ == Order::descending;
    // Of many streams that are joined, most are ahead of where the list is.
    if (found_ && (is_descending ? *found_ <= from : *found_ >= from)) return found_;
    found_ = is_descending ? at_or_before(std::min(from, last_)) : at_or_after(from);
    if (found_ && *found_ > last_) found_.reset();
    has_ended_ = !found_;
    return found_;
  }

 private:
  bool load(Statement& statement, std::int64_t from) {
    if (!statement.with(term_, from).step()) return false;
    ids_ = unpack_ids(statement.number(0), statement.view(1));
    statement.reset();
    return true;
  }

  std::optional<std::int64_t> at_or_after(std::int64_t from) {
    const bool is_inside = !ids_.empty() && ids_.front() <= from && from <= ids_.back();
    if (!is_inside && !load(holding_, from)) ids_.clear();
    auto found = std::ranges::lower_bound(ids_, from);
    if (found == ids_.end()) {
      if (!load(following_, from)) return std::nullopt;
      found = ids_.begin();
    }
    return *found;
  }

  std::optional<std::int64_t> at_or_before(std::int64_t from) {
    const bool is_inside = !ids_.empty() && ids_.front() <= from && from <= ids_.back();
    if (!is_inside && !load(holding_, from)) return std::nullopt;
    return *std::prev(std::ranges::upper_bound(ids_, from));
  }

  const std::int64_t term_;
  const std::int64_t last_;
  const Order order_;
  Statement holding_;
  Statement following_;
  std::vector<std::int64_t> ids_;      // the block that was read last
  std::optional<std::int64_t> found_;  // by the last seek
  bool has_ended_ = false;
};

}  // namespace

std::unique_ptr<IdStream> rows_of_term(Database& index, std::int64_t term, std::int64_t last,
                                       Order order) {
  return std::make_unique<TermRows>(index, term, last, order);
}

PostingWriter::PostingWriter(Database& index)
    : newest_(index,
              "select first, rest from postings where term = ?1 order by first desc limit 1"),
      holding_(index, holding_sql),
      following_(index, following_sql),
      put_(index, "insert or replace into postings (term, first, rest) values (?1, ?2, ?3)"),
      remove_(index, "delete from postings where term = ?1 and first = ?2"),
      stretch_(index,
               "select term, first, rest from postings where (term, first) > (?1, ?2) "
               "and term < ?3 order by term, first limit ?4") {}

void PostingWriter::write() {
  const auto place = [](const Change& change) { return std::pair{change.term, change.id}; };
  std::ranges::stable_sort(changes_, {}, place);
  for (std::size_t begin = 0; begin < changes_.size();) {
    std::size_t end = begin;
    while (end < changes_.size() && changes_[end].term == changes_[begin].term) ++end;
    write_term(std::span{changes_}.subspan(begin, end - begin));
    begin = end;
  }
  changes_.clear();
}

PostingWriter::Block PostingWriter::block_of(std::int64_t term, std::int64_t id) {
  Block block{.ids = {}, .end = no_end};
  // Almost always what is added is newer than all there is.
  if (!newest_.with(term).step()) return block;
  const bool is_newest = newest_.number(0) <= id;
  if (is_newest) block.ids = unpack_ids(newest_.number(0), newest_.view(1));
  newest_.reset();
  if (is_newest) return block;

  if (holding_.with(term, id).step()) {
    block.ids = unpack_ids(holding_.number(0), holding_.view(1));
    holding_.reset();
  }
  following_.with(term, id).step();
  block.end = following_.number(0);
  following_.reset();
  return block;
}

void PostingWriter::write_term(std::span<const Change> changes) {
  while (!changes.empty()) {
    const std::int64_t term = changes.front().term;
    const Block block = block_of(term, changes.front().id);
    std::vector<std::int64_t> ids;
    auto kept = block.ids.begin();
    std::size_t taken = 0;
    for (; taken < changes.size() && changes[taken].id < block.end; ++taken) {
      const Change& change = changes[taken];
      const auto from = kept;
      kept = std::lower_bound(from, block.ids.end(), change.id);
      ids.insert(ids.end(), from, kept);
      if (kept != block.ids.end() && *kept == change.id) ++kept;
      const bool is_last_word = taken + 1 == changes.size() || changes[taken + 1].id != change.id;
      if (is_last_word && change.is_added) ids.push_back(change.id);
    }
    ids.insert(ids.end(), kept, block.ids.end());
    replace(term, block.ids, ids);
    changes = changes.subspan(taken);
  }
}

void PostingWriter::replace(std::int64_t term, std::span<const std::int64_t> before,
                            std::span<const std::int64_t> after) {
  if (std::ranges::equal(before, after)) return;
  const bool keeps_key = !before.empty() && !after.empty() && before.front() == after.front();
  if (!before.empty() && !keeps_key) remove_.with(term, before.front()).run();
  while (!after.empty()) {
    const auto block = after.first(std::min(after.size(), max_block_ids));
    // A full block that more follows stays as it is.
    if (!std::ranges::equal(before, block)) {
      const std::string rest = pack_ids(block);
      put_.with(term, block.front(), Blob{rest}).run();
    }
    after = after.subspan(block.size());
  }
}

std::optional<PostingWriter::Place> PostingWriter::forget_below(std::int64_t id, Place after,
                                                                std::int64_t end) {
  std::vector<Place> gone;
  std::int64_t blocks = 0;
  stretch_.with(after.term, after.first, end, stretch_blocks);
  while (stretch_.step()) {
    after = {.term = stretch_.number(0), .first = stretch_.number(1)};
    if (after.first < id && unpack_ids(after.first, stretch_.view(2)).back() < id) {
      gone.push_back(after);
    }
    ++blocks;
  }
  for (const Place& place : gone) remove_.with(place.term, place.first).run();
  if (blocks < stretch_blocks) return std::nullopt;
  return after;
}

}  // namespace bellpull
