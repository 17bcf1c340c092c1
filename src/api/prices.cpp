#include "api/prices.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/log_item.h"
#include "domain/usage.h"
#include "http/method.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// All of them are one page.
constexpr std::int64_t max_prices = 1000;

// A model as bots name it; what a bot adds to it (`gpt-4o/temperature=0`) is not part of the name.
Result<std::string> read_model(std::string_view name, const FieldShape& shape,
                               const json::value& given) {
  auto text = read_text(name, shape, given);
  if (!text) return text;
  std::string model{trimmed(*text)};
  if (model.find('=') != std::string::npos) {
    return fail(ErrorCode::invalid, "model must be named without options",
                "write it as bots do, up to the first option");
  }
  if (is_free(model)) return fail(ErrorCode::invalid, "builtin models cost nothing");
  return model;
}

Result<std::int64_t> read_micros(std::string_view name, const FieldShape& shape,
                                 const json::value& given) {
  const auto number = read_optional_integer(name, shape, given);
  if (!number) return std::unexpected(number.error());
  return number->value_or(0);
}

Field<Price> micros(std::string_view name, std::int64_t Price::* member) {
  return member_field(name, FieldShape{.kind = ValueKind::integer, .maximum = max_price}, member,
                      read_micros,
                      [](std::int64_t value, const View&) { return json::value(value); });
}

Field<Price> model_field() {
  return member_field("model", FieldShape{.max_bytes = max_model_bytes}, &Price::model, read_model,
                      write_text)
      .needed(Needed::filled);
}

const Fields<Price>& price_fields() {
  static const Fields<Price> fields{
      model_field(),
      micros("inputMicros", &Price::input).needed(Needed::given),
      optional_integer("cachedInputMicros", &Price::cached_input, 0, max_price),
      micros("outputMicros", &Price::output).needed(Needed::given),
      timestamp("updatedAt", &Price::updated_at),
  };
  return fields;
}

const Fields<Price>& name_fields() {
  static const Fields<Price> fields{model_field()};
  return fields;
}

ListRules price_list() { return {.kind = "price", .has_meta = false}; }

Schema shown_schema() {
  Schema schema = reply_schema("Price", price_fields());
  add_members(schema.schema, object_schema({{"currency", text_schema()}}));
  return schema;
}

void log_price(Transaction& rows, const Call& call, const Price& price, std::string_view type,
               TimePoint now) {
  LogItem item{.type = std::string{type}, .name = price.model, .created_at = now};
  log_item(rows, call, std::move(item),
           {{"inputMicros", price.input}, {"outputMicros", price.output}});
}

json::object model_of(const Price& price) { return {{"model", price.model}}; }

}  // namespace

Prices::Prices(Store& store, const Clock& clock, std::string currency)
    : store_(store), clock_(clock), currency_(std::move(currency)) {}

void Prices::add_routes(Routes& routes) {
  const Schema named{"PriceName", object_schema({{"model", text_schema()}})};
  routes.get("/usage/price/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "What models cost, in millionths of the currency for a million tokens",
                 .gives = shown_schema(),
                 .form = Description::Form::list,
                 .query = list_parameters(price_list())});
  routes
      .add(Method::post, "/usage/price/set", Scope::admin,
           [this](Call call) { return set(std::move(call)); })
      .describe({.summary = "Sets what a model costs from now on",
                 .takes = body_schema("PriceSet", price_fields(), Verb::create),
                 .gives = named,
                 .errors = {409}});
  routes
      .add(Method::post, "/usage/price/delete", Scope::admin,
           [this](Call call) { return remove(std::move(call)); })
      .describe({.summary = "Forgets a model's price; its calls cost an unknown amount from now on",
                 .takes = body_schema("PriceDelete", name_fields(), Verb::create),
                 .gives = named,
                 .errors = {404}});
}

Task<Response> Prices::list(Call call) {
  Result<ListRequest> request = parse_list(price_list(), call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  const std::vector<Price> prices = co_await store_.read(
      [](const Transaction& rows) { return rows.usage().prices("", max_prices); });

  std::vector<json::object> items;
  for (const Price& price : prices) {
    json::object item = render(price_fields(), price, call.view);
    item["currency"] = currency_;
    items.push_back(std::move(item));
  }
  co_return co_await list_reply(std::move(call), std::move(*request), one_page(std::move(items)));
}

Task<Response> Prices::set(Call call) {
  Result<Price> price = read_body(price_fields(), call.body);
  if (!price) co_return call.reply(price.error());

  price->updated_at = clock_.now();
  const Result<void> kept = co_await store_.transact([&](Transaction& rows) -> Result<void> {
    const bool is_new = !rows.usage().price(price->model);
    if (is_new && std::ssize(rows.usage().prices("", max_prices)) == max_prices) {
      return fail(ErrorCode::conflict, fmt::format("there are {} prices already", max_prices),
                  "delete those of models that no bot uses");
    }
    rows.usage().keep_price(*price);
    log_price(rows, call, *price, is_new ? "price.create" : "price.update", price->updated_at);
    return {};
  });
  if (!kept) co_return call.reply(kept.error());
  co_return call.reply(model_of(*price));
}

Task<Response> Prices::remove(Call call) {
  const Result<Price> named = read_body(name_fields(), call.body);
  if (!named) co_return call.reply(named.error());

  const TimePoint now = clock_.now();
  const Result<void> removed = co_await store_.transact([&](Transaction& rows) -> Result<void> {
    if (!rows.usage().remove_price(named->model)) {
      return fail(ErrorCode::not_found, "Price not found");
    }
    log_price(rows, call, *named, "price.delete", now);
    return {};
  });
  if (!removed) co_return call.reply(removed.error());
  co_return call.reply(model_of(*named));
}

}  // namespace bellpull
