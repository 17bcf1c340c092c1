#include "agent/bot_asker.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "action/bot_ask.h"
#include "agent/model_asking.h"
#include "agent/model_catalog.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "llm/provider.h"

namespace bellpull {

Task<Result<BotAnswer>> BotAsker::ask(Bot bot, std::string prompt, SteadyTime deadline) {
  const Result<ChosenModel> model = models_.choose(bot.model.value_or(""));
  if (!model) {
    co_return fail(ErrorCode::invalid,
                   fmt::format("The bot's model cannot be used: {}", model.error().message));
  }
  ModelRequest request{.deadline = deadline};
  if (!bot.backstory.empty()) {
    request.turns.push_back({.role = Role::system, .text = std::move(bot.backstory)});
  }
  request.turns.push_back({.role = Role::user, .text = std::move(prompt)});
  const AskedModel asked = co_await ask_model(&*model, std::move(request), &clock_);
  const auto& answer = asked.answer;
  if (!answer) {
    co_return fail(ErrorCode::unavailable,
                   fmt::format("The bot's model gave no answer ({}): {}", answer.error().cause,
                               answer.error().message));
  }
  if (answer->text.empty()) {
    co_return fail(ErrorCode::unavailable, "The bot's model gave an answer without a text");
  }
  co_return BotAnswer{.text = answer->text,
                      .use = {.model = asked.by->full_name,
                              .input_tokens = answer->usage.input,
                              .cached_tokens = answer->usage.cached_input,
                              .output_tokens = answer->usage.output}};
}

}  // namespace bellpull
