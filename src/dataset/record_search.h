// Finds the records of a dataset that fit a text best.
//
// Records with any of the text's words are ranked by BM25 (k1 1.2, b 0.75, weights of words from
// this dataset alone): rarer words count more, and more of them, in shorter records. The score is
// positive; higher is better.
//
// Bounded: words that are in so many records that ranking them takes too long are left out, the
// commonest first; what takes two seconds all the same is refused. Each piece of it is a look of
// its own at the store, so a large search does not stop the others.
//
// Lifetime: the store and the clock outlive it. Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/meta_conditions.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "store/store.h"

namespace bellpull {

// What a dataset that says nothing gives, and the most that any gives.
inline constexpr std::int64_t default_search_records = 10;
inline constexpr std::int64_t max_search_records = 100;

struct FoundRecord {
  Record record;
  double score = 0;
};

class RecordSearch {
 public:
  RecordSearch(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Best first, within the dataset's bounds: records, score, and tokens of text, where the last
  // record's text may be cut. Fails with `invalid` when it would take too long.
  Task<Result<std::vector<FoundRecord>>> search(Dataset dataset, std::string text,
                                                MetaConditions conditions) const;

 private:
  // A word of the text, and how many records of the dataset have it.
  struct Word {
    std::string text;
    std::int64_t records = 0;
  };
  struct Plan {
    std::vector<Word> words;
    std::int64_t records = 0;  // of the dataset
    double length = 1;         // of a record, on the average
  };

  Task<Result<Plan>> plan(DatasetKey dataset, std::string text, SteadyTime deadline) const;
  Task<Result<std::int64_t>> count(DatasetKey dataset, std::string word, SteadyTime deadline) const;
  Task<Result<std::vector<std::pair<double, RecordKey>>>> rank(Dataset dataset, Plan plan,
                                                               MetaConditions conditions,
                                                               SteadyTime deadline) const;

  Store& store_;
  const Clock& clock_;
};

}  // namespace bellpull
