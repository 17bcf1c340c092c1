#include "action/datasets.h"

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
#include "action/shape.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "domain/log_references.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// As the API has them.
constexpr std::size_t max_name_bytes = 191;
constexpr std::size_t max_description_bytes = 65'535;

json::object shown(const Dataset& dataset) {
  json::object one{
      {"id", dataset.id.text()}, {"name", dataset.name}, {"description", dataset.description}};
  if (dataset.alias) one["alias"] = *dataset.alias;
  return one;
}

void check_size(InputFields& fields, std::string_view name, std::string_view text,
                std::size_t most) {
  if (text.size() <= most) return;
  fields.add_problem(fmt::format("{} must be at most {} bytes", name, most));
}

Result<json::object> create(Transaction& rows, const ActionRequest& request, Dataset dataset,
                            TimePoint now) {
  dataset.account = request.context.account;
  dataset.created_at = now;
  dataset.updated_at = now;
  if (auto added = rows.datasets().add(dataset); !added) return std::unexpected(added.error());
  log_by_call(rows, request,
              {.type = "dataset.create", .name = dataset.name, .about = references_of(dataset)},
              now);
  return json::object{{"id", dataset.id.text()}};
}

}  // namespace

const ActionShape& DatasetListAction::shape() const {
  static const ActionShape shape{.main = "limit", .fields = {"after"}};
  return shape;
}

Task<ActionOutcome> DatasetListAction::execute(ActionRequest request) {
  if (is_strangers(request)) co_return error_outcome(refused_stranger("dataset/list"));
  InputFields fields{request.input};
  const std::int64_t limit = fields.whole("limit", 1, max_page).value_or(max_page);
  const std::string after = fields.text("after");
  const auto last = DatasetId::parse(after);
  if (!after.empty() && !last) fields.add_problem("after must be the id of the last one seen");
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  const std::vector<Dataset> datasets = co_await store_.read(
      [&](const Transaction& rows) {
        return rows.datasets().list({.account = request.context.account,
                                     .page = {.after = last ? last->key.value : 0, .take = limit}});
      },
      ReadKind::list);
  json::array items;
  for (const Dataset& dataset : datasets) items.push_back(shown(dataset));
  co_return ActionOutcome{.result = json::object{{"items", std::move(items)}}};
}

const ActionShape& DatasetCreateAction::shape() const {
  static const ActionShape shape{.main = "name", .fields = {"description"}};
  return shape;
}

Task<ActionOutcome> DatasetCreateAction::execute(ActionRequest request) {
  if (is_strangers(request)) co_return error_outcome(refused_stranger("dataset/create"));
  InputFields fields{request.input};
  const Dataset dataset{.name = fields.required_text("name"),
                        .description = fields.text("description")};
  check_size(fields, "name", dataset.name, max_name_bytes);
  check_size(fields, "description", dataset.description, max_description_bytes);
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  const TimePoint now = store_.clock().now();
  co_return co_await write_once(
      &store_, request.context.account, request.idempotency_key,
      [&](Transaction& rows) { return create(rows, request, dataset, now); });
}

}  // namespace bellpull
