#include "action/dataset_search.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
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

json::object shown(const Dataset& dataset, const std::vector<FoundRecord>& found) {
  json::array records;
  for (const FoundRecord& one : found) {
    const Record& record = one.record;
    records.push_back(
        json::object{{"id", record.id.text()},
                     {"text", record.text},
                     {"source", record.source ? json::value(*record.source) : json::value(nullptr)},
                     {"meta", parse_stored(record.meta)},
                     {"score", one.score}});
  }
  json::object result{{"id", dataset.id.text()}, {"records", std::move(records)}};
  const auto& instruction =
      found.empty() ? dataset.mismatch_instruction : dataset.match_instruction;
  if (instruction) result["instruction"] = *instruction;
  return result;
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
  Result<Dataset> dataset = co_await store_.read(
      [&](const Transaction& rows) { return readable_dataset(rows, request, name); });
  if (!dataset) co_return error_outcome(dataset.error());
  if (limit) bound(*dataset, *limit);
  const auto found = co_await search_.search(*dataset, std::move(query), std::move(conditions));
  if (!found) co_return error_outcome(found.error());
  co_return ActionOutcome{.result = shown(*dataset, *found)};
}

}  // namespace bellpull
