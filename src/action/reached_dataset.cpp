#include "action/reached_dataset.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "base/result.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// One that is another's is answered like one that is not there.
std::unexpected<Error> no_dataset(std::string_view name, std::string_view what) {
  return fail(ErrorCode::not_found,
              fmt::format("There is no dataset \"{}\" that this call may {}: give the id or the "
                          "alias of one, as dataset/list has them",
                          name, what));
}

// The dataset of the run's bot: its owner's, who gave it to the bot, or what the bot's owner could
// use anyway.
std::optional<Dataset> dataset_of_bot(const Transaction& rows, const ActionRequest& request) {
  if (!request.context.bot) return std::nullopt;
  const auto bot = rows.bots().find(*request.context.bot);
  if (!bot || !bot->dataset) return std::nullopt;
  auto dataset = rows.datasets().find(*bot->dataset);
  const bool is_given =
      dataset && (dataset->account == bot->account || dataset->account == request.context.account ||
                  dataset->visibility == Visibility::public_);
  if (!is_given) dataset.reset();
  return dataset;
}

// Of a blueprint, the oldest; each is a search of its own.
constexpr std::int64_t max_of_blueprint = 10;

// The bot's own first.
std::vector<Dataset> datasets_of_run(const Transaction& rows, const ActionRequest& request) {
  std::vector<Dataset> datasets;
  if (auto of_bot = dataset_of_bot(rows, request)) datasets.push_back(std::move(*of_bot));
  if (!request.context.blueprint || is_strangers(request)) return datasets;
  const Filter of_blueprint{.field = "blueprint", .any_of = {request.context.blueprint->key.value}};
  for (Dataset& one :
       rows.datasets().list({.account = request.context.account,
                             .page = {.take = max_of_blueprint, .order = Order::ascending},
                             .filters = {of_blueprint}})) {
    const bool is_bots = !datasets.empty() && datasets.front().id == one.id;
    if (!is_bots) datasets.push_back(std::move(one));
  }
  return datasets;
}

}  // namespace

std::string dataset_name(InputFields& fields) {
  std::string name = fields.text("datasetId");
  return name.empty() ? fields.text("id") : name;
}

Result<std::vector<Dataset>> readable_datasets(const Transaction& rows,
                                               const ActionRequest& request,
                                               std::string_view name) {
  if (name.empty()) {
    auto of_run = datasets_of_run(rows, request);
    if (!of_run.empty()) return of_run;
    return fail(ErrorCode::invalid,
                "Neither the bot of this run nor its trigger's blueprint has a dataset: give "
                "datasetId, the id or the alias of one");
  }
  const auto of_bot = dataset_of_bot(rows, request);
  auto dataset = find_named(rows.datasets(), request.links.owner, name);
  const bool is_own =
      dataset && dataset->account == request.context.account && !is_strangers(request);
  const bool may_read = dataset && (is_own || dataset->visibility == Visibility::public_ ||
                                    (of_bot && of_bot->id == dataset->id));
  if (!may_read) return no_dataset(name, "read");
  std::vector<Dataset> named;
  named.push_back(std::move(*dataset));
  return named;
}

Result<Dataset> writable_dataset(const Transaction& rows, const ActionRequest& request,
                                 std::string_view name) {
  if (is_strangers(request)) return std::unexpected(refused_stranger("Changing a dataset"));
  if (name.empty()) {
    auto of_bot = dataset_of_bot(rows, request);
    if (of_bot && of_bot->account == request.context.account) return std::move(*of_bot);
    return fail(ErrorCode::invalid,
                "The bot of this run has no dataset of this account: give datasetId, the id or the "
                "alias of one");
  }
  auto dataset = find_named(rows.datasets(), request.context.account, name);
  if (!dataset || dataset->account != request.context.account) return no_dataset(name, "change");
  return std::move(*dataset);
}

}  // namespace bellpull
