#include "api/datasets.h"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/dataset_fields.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/records.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/meta_conditions.h"
#include "dataset/record_search.h"
#include "domain/account.h"
#include "domain/blueprint.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "http/method.h"
#include "http/response.h"
#include "store/removal.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_search_bytes = 65'535;

ListRules dataset_list() {
  return {.kind = "dataset", .filters = {reference_filter<Blueprint>("blueprintId", "blueprint")}};
}

// The body of a search.
struct Wanted {
  std::string text;
  MetaConditions conditions;
};

Field<Wanted> filter_field() {
  return {.name = "filter",
          .shape = {.kind = ValueKind::object},
          .read = [](const json::value& given) -> Result<Assignment<Wanted>> {
            if (!given.is_null() && !given.is_object()) {
              return fail(ErrorCode::invalid, "filter must be an object");
            }
            auto conditions =
                MetaConditions::parse(given.is_null() ? json::object{} : given.get_object());
            if (!conditions) return std::unexpected(std::move(conditions.error()));
            return [conditions = std::move(*conditions)](Wanted& wanted, const Edit&) {
              wanted.conditions = conditions;
              return Result<void>{};
            };
          }};
}

const Fields<Wanted>& wanted_fields() {
  static const Fields<Wanted> fields{
      text("search", &Wanted::text, {.max_bytes = max_search_bytes}).needed(Needed::filled),
      filter_field()};
  return fields;
}

Schema found_schema() {
  json::object record = object_schema({{"id", text_schema()},
                                       {"text", text_schema()},
                                       {"source", or_null(text_schema())},
                                       {"meta", open_object_schema()},
                                       {"score", {{"type", "number"}}}});
  return {"DatasetSearchResult",
          object_schema({{"id", text_schema()}, {"records", array_schema(std::move(record))}})};
}

}  // namespace

Datasets::Datasets(Store& store, const Clock& clock)
    : Endpoints(store, clock, dataset_fields(), dataset_list()),
      search_(store, clock),
      searches_(clock) {}

void Datasets::add_routes(Routes& routes) {
  add_to(routes, "/dataset", "datasetId");
  routes
      .add(Method::post, "/dataset/{datasetId}/search", Scope::read,
           [this](Call call) { return search(std::move(call)); })
      .describe({.summary = "Finds the records that fit a text best",
                 .takes = body_schema("DatasetSearch", wanted_fields(), Verb::create),
                 .gives = found_schema()});
}

Result<void> Datasets::erase(Transaction& rows, const Call& /*call*/, const Dataset& found,
                             TimePoint /*now*/) const {
  remove_whole(rows, found);
  return {};
}

Task<Response> Datasets::search(Call call) {
  Result<Wanted> wanted = read_body(wanted_fields(), call.body);
  if (!wanted) co_return call.reply(wanted.error());
  const Result<Dataset> dataset =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!dataset) co_return call.reply(dataset.error());

  const Result<std::vector<FoundRecord>> found =
      co_await search_.search(*dataset, std::move(wanted->text), std::move(wanted->conditions));
  if (!found) co_return call.reply(found.error());
  if (searches_.takes(dataset->id.key, call.caller.token)) {
    const TimePoint now = clock_.now();
    co_await store_.transact([&](Transaction& rows) -> Result<void> {
      log_search(rows, call, *dataset, found->size(), now);
      return {};
    });
  }

  json::array records;
  for (const FoundRecord& one : *found) {
    json::object record = render_found(one.record, call.view);
    record["score"] = one.score;
    records.emplace_back(std::move(record));
  }
  co_return call.reply(json::object{{"id", dataset->id.text()}, {"records", std::move(records)}});
}

}  // namespace bellpull
