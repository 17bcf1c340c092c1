#include "action/dataset_search.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/reached_dataset.h"
#include "action/shape.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "dataset/meta_conditions.h"
#include "dataset/record_search.h"
#include "domain/dataset.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_query_bytes = 65'535;

// A filter may come from the model, as text.
MetaConditions conditions_of(InputFields& fields) {
  const json::value* const given = fields.find("filter");
  if (given == nullptr) return {};
  json::value read = *given;
  if (const auto* text = given->if_string()) read = parse_foreign(*text).value_or(nullptr);
  if (!read.is_object()) {
    fields.add_problem("filter must be a map of what the record's meta must be");
    return {};
  }
  auto conditions = MetaConditions::parse(read.get_object());
  if (!conditions) fields.add_problem(conditions.error().message);
  return conditions ? std::move(*conditions) : MetaConditions{};
}

// A dataset's own bound stays.
void bound(Dataset& dataset, std::int64_t limit) {
  dataset.search_max_records = std::min(limit, dataset.search_max_records.value_or(limit));
}

json::object shown(const FoundRecord& found) {
  const Record& record = found.record;
  return {{"id", record.id.text()},
          {"text", record.text},
          {"source", record.source ? json::value(*record.source) : json::value(nullptr)},
          {"meta", parse_stored(record.meta)},
          {"score", found.score}};
}

// One dataset, and what was found there.
struct Searched {
  Dataset dataset;
  Result<std::vector<FoundRecord>> found;
};

json::object shown(const Searched& one) {
  json::array records;
  for (const FoundRecord& found : *one.found) records.push_back(shown(found));
  json::object result{{"id", one.dataset.id.text()}, {"records", std::move(records)}};
  const auto& instruction =
      one.found->empty() ? one.dataset.mismatch_instruction : one.dataset.match_instruction;
  if (instruction) result["instruction"] = *instruction;
  return result;
}

// The best of each dataset, then the second best of each: their scores can't be compared, because
// the weight of a word is its dataset's.
json::array by_rank(const std::vector<Searched>& all, std::size_t limit) {
  json::array records;
  bool is_over = false;
  for (std::size_t rank = 0; !is_over; ++rank) {
    is_over = true;
    for (const Searched& one : all) {
      if (!one.found || rank >= one.found->size()) continue;
      if (records.size() == limit) return records;
      is_over = false;
      json::object record = shown((*one.found)[rank]);
      record["datasetId"] = one.dataset.id.text();
      record["dataset"] = one.dataset.name;
      records.push_back(std::move(record));
    }
  }
  return records;
}

void add_line(std::string& text, const std::optional<std::string>& line) {
  if (!line) return;
  if (!text.empty()) text += '\n';
  text += *line;
}

// What the datasets say to what was found in them; where nothing was, what they say to that.
std::string instruction_of(const std::vector<Searched>& all) {
  std::string match;
  std::string mismatch;
  bool is_found = false;
  for (const Searched& one : all) {
    if (!one.found) continue;
    is_found = is_found || !one.found->empty();
    if (one.found->empty()) {
      add_line(mismatch, one.dataset.mismatch_instruction);
    } else {
      add_line(match, one.dataset.match_instruction);
    }
  }
  return is_found ? match : mismatch;
}

json::object shown(const std::vector<Searched>& all, std::size_t limit) {
  json::array datasets;
  for (const Searched& one : all) {
    json::object dataset{{"id", one.dataset.id.text()}, {"name", one.dataset.name}};
    if (!one.found) dataset["error"] = one.found.error().message;
    datasets.push_back(std::move(dataset));
  }
  json::object result{{"datasets", std::move(datasets)}, {"records", by_rank(all, limit)}};
  if (std::string text = instruction_of(all); !text.empty()) result["instruction"] = text;
  return result;
}

std::size_t most_records(const std::vector<Searched>& all) {
  std::int64_t most = 1;
  for (const Searched& one : all) {
    most = std::max(most, one.dataset.search_max_records.value_or(default_search_records));
  }
  return static_cast<std::size_t>(std::min(most, max_search_records));
}

}  // namespace

const ActionShape& DatasetSearchAction::shape() const {
  static const ActionShape shape{.main = "query", .fields = {"datasetId", "id", "limit", "filter"}};
  return shape;
}

Task<ActionOutcome> DatasetSearchAction::execute(ActionRequest request) {
  InputFields fields{request.input};
  std::string query = fields.required_text("query");
  const std::string name = dataset_name(fields);
  const auto limit = fields.whole("limit", 1, max_search_records);
  MetaConditions conditions = conditions_of(fields);
  if (query.size() > max_query_bytes) {
    fields.add_problem(fmt::format("query must be at most {} bytes", max_query_bytes));
  }
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  Result<std::vector<Dataset>> datasets = co_await store_.read(
      [&](const Transaction& rows) { return readable_datasets(rows, request, name); });
  if (!datasets) co_return error_outcome(datasets.error());
  std::vector<Searched> all;
  for (Dataset& dataset : *datasets) {
    if (limit) bound(dataset, *limit);
    if (!all.empty() && store_.clock().steady_now() >= request.deadline) {
      all.push_back({std::move(dataset), fail(ErrorCode::invalid, "No time was left for it")});
      continue;
    }
    auto found = co_await search_.search(dataset, query, conditions);
    all.push_back({std::move(dataset), std::move(found)});
  }
  const bool is_answered =
      std::ranges::any_of(all, [](const Searched& one) { return one.found.has_value(); });
  if (!is_answered) co_return error_outcome(all.front().found.error());
  if (all.size() == 1) co_return ActionOutcome{.result = shown(all.front())};
  co_return ActionOutcome{.result = shown(all, most_records(all))};
}

}  // namespace bellpull
