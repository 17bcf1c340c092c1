#include "dataset/record_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/meta_conditions.h"
#include "dataset/token_estimate.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr Duration search_time = std::chrono::seconds{2};
constexpr std::size_t max_words = 64;
// Words of records that one search ranks: half a second of a reader, in small pieces.
constexpr std::int64_t max_postings = 500'000;

constexpr double k1 = 1.2;
constexpr double b = 0.75;

std::unexpected<Error> too_long() {
  return fail(ErrorCode::invalid, "the words of this search are in too many records",
              "search for rarer words, or keep fewer records in one dataset");
}

// Always positive, however common the word is.
double weight_of(std::int64_t with_word, std::int64_t all) {
  const auto with = static_cast<double>(with_word);
  const double without = std::max(0.0, static_cast<double>(all) - with);
  return std::log(1 + (without + 0.5) / (with + 0.5));
}

double score_of(const RecordMatch& match, const std::vector<double>& weights, double length) {
  const double norm = k1 * (1 - b + b * static_cast<double>(match.length) / length);
  double score = 0;
  for (std::size_t i = 0; i < weights.size() && i < match.counts.size(); ++i) {
    const double count = match.counts[i];
    score += weights[i] * count * (k1 + 1) / (count + norm);
  }
  return score;
}

using Ranked = std::pair<double, RecordKey>;

// Of two equal ones the older comes first.
bool is_better(const Ranked& one, const Ranked& other) {
  return one.first != other.first ? one.first > other.first : one.second < other.second;
}

// The best of what it was given, in a heap whose front is the worst of them.
class Best {
 public:
  explicit Best(std::size_t most) : most_(most) {}

  void add(Ranked one) {
    if (kept_.size() == most_ && !is_better(one, kept_.front())) return;
    kept_.push_back(one);
    std::ranges::push_heap(kept_, is_better);
    if (kept_.size() <= most_) return;
    std::ranges::pop_heap(kept_, is_better);
    kept_.pop_back();
  }
  std::vector<Ranked> in_order() && {
    std::ranges::sort_heap(kept_, is_better);
    return std::move(kept_);
  }

 private:
  const std::size_t most_;
  std::vector<Ranked> kept_;
};

std::size_t records_of(const Dataset& dataset) {
  const std::int64_t wanted = dataset.search_max_records.value_or(default_search_records);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 1, max_search_records));
}

// Those of the ranked ones that are still there, until the dataset's tokens are used up.
std::vector<FoundRecord> within_tokens(const Transaction& rows, const Dataset& dataset,
                                       const std::vector<Ranked>& ranked) {
  std::optional<std::int64_t> left = dataset.search_max_tokens;
  std::vector<FoundRecord> found;
  for (const auto& [score, key] : ranked) {
    std::optional<Record> record = rows.records().find(key);
    if (!record || record->dataset != dataset.id) continue;
    if (left) {
      if (*left <= 0) break;
      const auto bytes = static_cast<std::size_t>(*left * bytes_of_token);
      record->text = std::string{cut_text(record->text, bytes)};
      *left -= std::max<std::int64_t>(1, estimated_tokens(record->text));
    }
    found.push_back({std::move(*record), score});
  }
  return found;
}

}  // namespace

Task<Result<std::vector<FoundRecord>>> RecordSearch::search(Dataset dataset, std::string text,
                                                            MetaConditions conditions) const {
  const SteadyTime deadline = clock_.steady_now() + search_time;
  Result<Plan> planned = co_await plan(dataset.id.key, std::move(text), deadline);
  if (!planned) co_return std::unexpected(std::move(planned.error()));
  const auto ranked = co_await rank(dataset, std::move(*planned), std::move(conditions), deadline);
  if (!ranked) co_return std::unexpected(ranked.error());
  co_return co_await store_.read(
      [&](const Transaction& rows) { return within_tokens(rows, dataset, *ranked); });
}

// The words to search for, rarest first, as many as there is time to rank.
Task<Result<RecordSearch::Plan>> RecordSearch::plan(DatasetKey dataset, std::string text,
                                                    SteadyTime deadline) const {
  const auto [words, size] = co_await store_.read([&](const Transaction& rows) {
    return std::pair{rows.records().words_of(text, max_words), rows.records().size_of(dataset)};
  });
  Plan plan{.records = size.records};
  if (size.records > 0) {
    plan.length =
        std::max(1.0, static_cast<double>(size.words) / static_cast<double>(size.records));
  }
  for (const std::string& word : words) {
    const Result<std::int64_t> records = co_await count(dataset, word, deadline);
    if (!records) co_return std::unexpected(records.error());
    if (*records > 0) plan.words.push_back({word, *records});
  }
  std::ranges::stable_sort(plan.words, {}, &Word::records);
  std::int64_t postings = 0;
  const auto too_many = std::ranges::find_if(
      plan.words, [&](const Word& word) { return (postings += word.records) > max_postings; });
  if (too_many == plan.words.begin() && !plan.words.empty()) co_return too_long();
  plan.words.erase(too_many, plan.words.end());
  co_return plan;
}

// How many records have a word; counting ends where it is too common to be searched for.
Task<Result<std::int64_t>> RecordSearch::count(DatasetKey dataset, std::string word,
                                               SteadyTime deadline) const {
  std::int64_t records = 0;
  RecordKey after;
  while (records <= max_postings) {
    const WordCount part = co_await store_.read(
        [&](const Transaction& rows) { return rows.records().count(dataset, word, after); },
        ReadKind::list);
    records += part.records;
    if (!part.passed) break;
    after = RecordKey{*part.passed};
    if (clock_.steady_now() >= deadline) co_return too_long();
  }
  co_return records;
}

Task<Result<std::vector<std::pair<double, RecordKey>>>> RecordSearch::rank(
    Dataset dataset, Plan plan, MetaConditions conditions, SteadyTime deadline) const {
  std::vector<std::string> words;
  std::vector<double> weights;
  for (Word& word : plan.words) {
    weights.push_back(weight_of(word.records, plan.records));
    words.push_back(std::move(word.text));
  }
  const double least = dataset.search_min_score.value_or(0);
  Best best{records_of(dataset)};
  const RecordStore::Visit visit = [&](const RecordMatch& match) {
    const double score = score_of(match, weights, plan.length);
    if (score >= least && conditions.hold(match.meta)) best.add({score, match.record});
  };
  std::optional<std::int64_t> passed = 0;
  while (passed) {
    const RecordKey after{*passed};
    passed = co_await store_.read(
        [&](const Transaction& rows) {
          return rows.records().visit(dataset.id.key, words, after, visit);
        },
        ReadKind::list);
    if (passed && clock_.steady_now() >= deadline) co_return too_long();
  }
  co_return std::move(best).in_order();
}

}  // namespace bellpull
