#include "action/bot_ask.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

constexpr Duration default_timeout = std::chrono::minutes{2};
constexpr std::size_t max_prompt_bytes = std::size_t{64} * 1024;

// A bot that its owner linked to the ability may be asked by it, whoever's run it is.
std::optional<Bot> asked_bot(const Transaction& rows, const ActionRequest& request,
                             const std::string& name) {
  auto bot = find_named(rows.bots(), request.links.owner, name);
  if (!bot) return std::nullopt;
  const bool is_own = bot->account == request.context.account && !is_strangers(request);
  const bool is_linked = request.links.bot == bot->id && bot->account == request.links.owner;
  const bool is_the_runs = request.context.bot == bot->id;
  if (is_own || is_linked || is_the_runs || bot->visibility == Visibility::public_) return bot;
  return std::nullopt;
}

}  // namespace

const ActionShape& BotAskAction::shape() const {
  static const ActionShape shape{
      .main = "prompt", .fields = {"botId", "id"}, .default_timeout = default_timeout};
  return shape;
}

Task<ActionOutcome> BotAskAction::execute(ActionRequest request) {
  if (request.context.hops >= max_hops_) {
    co_return error_outcome(fmt::format(
        "Nobody was asked: {} triggers and bots have called one another to get here, and no more "
        "may (limits.hops)",
        request.context.hops));
  }
  InputFields fields{request.input};
  std::string prompt = fields.required_text("prompt");
  std::string name = fields.text("id");
  if (name.empty()) name = fields.required_text("botId");
  if (prompt.size() > max_prompt_bytes) {
    fields.add_problem(fmt::format("prompt must be at most {} bytes", max_prompt_bytes));
  }
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  auto bot =
      co_await store_.read([&](const Transaction& rows) { return asked_bot(rows, request, name); });
  if (!bot) {
    co_return error_outcome(fmt::format(
        "There is no bot \"{}\" that this call may ask: give the id or the alias of one of this "
        "account, or the id of a public one",
        name));
  }
  auto answer = co_await asker_.ask(std::move(*bot), std::move(prompt), request.deadline);
  if (!answer) co_return error_outcome(answer.error());
  ActionOutcome outcome{.result = boost::json::object{{"text", answer->text}}};
  outcome.model_calls.push_back(std::move(answer->use));
  co_return outcome;
}

}  // namespace bellpull
