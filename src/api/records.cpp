#include "api/records.h"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_value.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/view.h"
#include "base/result.h"
#include "base/time.h"
#include "dataset/token_estimate.h"
#include "domain/dataset.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr std::size_t max_source_bytes = 896;

Result<std::string> read_record_text(std::string_view name, const FieldShape& shape,
                                     const boost::json::value& given) {
  auto text = read_text(name, shape, given);
  if (text && trimmed(*text).empty()) {
    return fail(ErrorCode::invalid, std::string{name} + " must not be blank");
  }
  return text;
}

Fields<Record> record_fields() {
  return {
      id_field<Record>(),
      member_field("text", FieldShape{.max_bytes = max_record_bytes}, &Record::text,
                   read_record_text, write_text)
          .needed(Needed::filled),
      optional_text("source", &Record::source, {.max_bytes = max_source_bytes}),
      meta_field<Record>(),
      timestamp("createdAt", &Record::created_at),
      timestamp("updatedAt", &Record::updated_at),
  };
}

ListRules record_list() { return {.kind = "record", .filters = {}}; }

Result<Dataset> dataset_of(const Transaction& rows, const Call& call) {
  return find_own<Dataset>(rows, call.caller.account, call.parameter("datasetId"));
}

Result<void> check_tokens(const Dataset& dataset, const Record& record) {
  const auto tokens = estimated_tokens(record.text);
  if (!dataset.record_max_tokens || tokens <= *dataset.record_max_tokens) return {};
  return fail(ErrorCode::invalid,
              fmt::format("text is about {} tokens, but a record of this dataset has at most {}",
                          tokens, *dataset.record_max_tokens),
              "split it into several records, or raise the dataset's recordMaxTokens");
}

}  // namespace

Records::Records(Store& store, const Clock& clock)
    : Endpoints(store, clock, record_fields(), record_list()) {}

void Records::add_routes(Routes& routes) {
  const std::string base = "/dataset/{datasetId}/record";
  add_to(routes, base, "recordId");
  add_list(routes, base + "/export");
}

// The record must belong to the dataset in the path.
Result<Record> Records::find(const Transaction& rows, const Call& call) const {
  const Result<Dataset> dataset = dataset_of(rows, call);
  if (!dataset) return std::unexpected(dataset.error());
  Result<Record> record = find_own<Record>(rows, call.caller.account, call.parameter("recordId"));
  if (!record || record->dataset != dataset->id) return not_found("Record");
  return record;
}

Result<void> Records::narrow(const Transaction& rows, const Call& call, ListQuery& query) const {
  const Result<Dataset> dataset = dataset_of(rows, call);
  if (!dataset) return std::unexpected(dataset.error());
  query.filters.push_back({.field = "dataset", .any_of = {dataset->id.key.value}});
  return {};
}

Result<void> Records::prepare(Transaction& rows, const Call& call, Record& added) const {
  const Result<Dataset> dataset = dataset_of(rows, call);
  if (!dataset) return std::unexpected(dataset.error());
  added.dataset = dataset->id;
  return check_tokens(*dataset, added);
}

// A text that was kept before the bound was lowered may stay.
Result<void> Records::revise(Transaction& rows, const Call& /*call*/, const Record& before,
                             Record& after) const {
  if (after.text == before.text) return {};
  const auto dataset = rows.datasets().find(after.dataset);
  return dataset ? check_tokens(*dataset, after) : not_found("Dataset");
}

boost::json::object render_found(const Record& record, const View& view) {
  static const Fields<Record> fields = record_fields();
  boost::json::object shown = render(fields, record, view);
  shown.erase("createdAt");
  shown.erase("updatedAt");
  return shown;
}

}  // namespace bellpull
