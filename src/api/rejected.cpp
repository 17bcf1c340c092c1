#include "api/rejected.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/field_value.h"
#include "api/inbox_items.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "http/response.h"
#include "store/list.h"
#include "store/rejected_requests.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// In the order of their numbers. The names are those of the metrics.
constexpr std::array<std::string_view, 6> cause_names{
    "bad_request", "not_authenticated", "disabled", "too_large", "key_reused", "too_many_requests"};
constexpr std::array<int, 6> statuses{400, 401, 403, 413, 422, 429};

ListRules rejected_list() {
  const FilterRule by_cause{"cause", "cause", [](std::string_view text) -> Result<FilterValue> {
                              const auto index = find_choice("cause", cause_names, text);
                              if (!index) return std::unexpected(index.error());
                              return static_cast<std::int64_t>(*index);
                            }};
  return {.kind = "rejected",
          .filters = {reference_filter<Trigger>("triggerId", "trigger"), by_cause},
          .has_meta = false};
}

Schema rejected_schema() {
  return {"RejectedRequests", object_schema({{"id", text_schema()},
                                             {"triggerId", or_null(text_schema())},
                                             {"cause", choice_schema(cause_names)},
                                             {"status", whole_number_schema()},
                                             {"address", or_null(text_schema())},
                                             {"count", whole_number_schema()},
                                             {"firstAt", time_schema()},
                                             {"lastAt", time_schema()}})};
}

json::object render_rejected(const RejectedRequests& rejected,
                             const std::optional<TriggerId>& trigger, const View& view) {
  const auto cause = static_cast<std::size_t>(rejected.cause);
  return {
      {"id", rejected.id.text()},
      {"triggerId", trigger ? json::value(trigger->text()) : json::value(nullptr)},
      {"cause", cause_names.at(cause)},
      {"status", statuses.at(cause)},
      {"address", rejected.address.empty() ? json::value(nullptr) : json::value(rejected.address)},
      {"count", rejected.count},
      {"firstAt", view.time(rejected.first_at)},
      {"lastAt", view.time(rejected.last_at)}};
}

}  // namespace

std::optional<RejectionCause> rejection_cause(int status) {
  const auto* const found = std::ranges::find(statuses, status);
  if (found == statuses.end()) return std::nullopt;
  return static_cast<RejectionCause>(found - statuses.begin());
}

void Rejected::add_routes(Routes& routes) {
  routes.get("/event/inbox/rejected/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists requests that triggers refused, counted by cause and sender",
                 .gives = rejected_schema(),
                 .form = Description::Form::list,
                 .query = list_parameters(rejected_list())});
}

Task<Response> Rejected::list(Call call) {
  static const ListRules rules = rejected_list();
  Result<ListRequest> request = parse_list(rules, call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  *request = co_await with_aliases_resolved(&store_, std::move(*request));

  ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
    return read_page(query, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<ListPage>> Rejected::read_page(ListQuery query, Page page, View view) {
  query.page = page;
  co_return co_await store_.read(
      [&](const Transaction& rows) -> Result<ListPage> {
        ListPage rendered;
        for (const RejectedRequests& one : rows.rejected().look(query).rows) {
          rendered.items.push_back(render_rejected(one, trigger_of(rows, one.trigger), view));
          rendered.last = one.id.value;
        }
        return rendered;
      },
      ReadKind::list);
}

}  // namespace bellpull
