#include "action/blueprint_list.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/blueprint.h"
#include "domain/ids.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Of one kind, the oldest; more than a page is cut off.
template <class Resource>
json::array members(const ResourceStore<Resource>& rows, AccountKey account,
                    BlueprintKey blueprint) {
  json::array list;
  for (const Resource& one :
       rows.list({.account = account,
                  .page = {.order = Order::ascending},
                  .filters = {{.field = "blueprint", .any_of = {blueprint.value}}}})) {
    list.push_back(
        json::object{{"id", one.id.text()}, {"name", one.name}, {"description", one.description}});
  }
  return list;
}

Result<json::object> list(const Transaction& rows, const ActionRequest& request,
                          const std::string& name) {
  const AccountKey account = request.context.account;
  std::optional<Blueprint> found;
  if (!name.empty()) found = find_named(rows.blueprints(), account, name);
  if (name.empty() && request.context.blueprint) {
    found = rows.blueprints().find(*request.context.blueprint);
  }
  if (!found || found->account != account) {
    if (name.empty()) {
      return fail(ErrorCode::invalid,
                  "The trigger of this run belongs to no blueprint: give blueprintId");
    }
    return fail(ErrorCode::not_found,
                fmt::format("There is no blueprint \"{}\" in this account: give the id or the "
                            "alias of one",
                            name));
  }
  const BlueprintKey blueprint = found->id.key;
  return json::object{{"id", found->id.text()},
                      {"name", found->name},
                      {"bots", members(rows.bots(), account, blueprint)},
                      {"skillsets", members(rows.skillsets(), account, blueprint)},
                      {"datasets", members(rows.datasets(), account, blueprint)},
                      {"triggers", members(rows.triggers(), account, blueprint)}};
}

}  // namespace

const ActionShape& BlueprintListAction::shape() const {
  static const ActionShape shape{.main = "blueprintId", .fields = {"id"}};
  return shape;
}

Task<ActionOutcome> BlueprintListAction::execute(ActionRequest request) {
  if (is_strangers(request)) {
    co_return error_outcome(refused_stranger("blueprint/resource/list"));
  }
  InputFields fields{request.input};
  std::string name = fields.text("id");
  if (name.empty()) name = fields.text("blueprintId");
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  auto listed = co_await store_.read(
      [&](const Transaction& rows) { return list(rows, request, name); }, ReadKind::list);
  if (!listed) co_return error_outcome(listed.error());
  co_return ActionOutcome{.result = std::move(*listed)};
}

}  // namespace bellpull
