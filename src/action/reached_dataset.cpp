#include "action/reached_dataset.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "base/result.h"
#include "domain/bot.h"
#include "domain/dataset.h"
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

}  // namespace

std::string dataset_name(InputFields& fields) {
  std::string name = fields.text("datasetId");
  return name.empty() ? fields.text("id") : name;
}

Result<Dataset> readable_dataset(const Transaction& rows, const ActionRequest& request,
                                 std::string_view name) {
  auto of_bot = dataset_of_bot(rows, request);
  if (name.empty()) {
    if (of_bot) return std::move(*of_bot);
    return fail(ErrorCode::invalid,
                "The bot of this run has no dataset: give datasetId, the id or the alias of one");
  }
  auto dataset = find_named(rows.datasets(), request.links.owner, name);
  const bool is_own =
      dataset && dataset->account == request.context.account && !is_strangers(request);
  const bool may_read = dataset && (is_own || dataset->visibility == Visibility::public_ ||
                                    (of_bot && of_bot->id == dataset->id));
  if (!may_read) return no_dataset(name, "read");
  return std::move(*dataset);
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
