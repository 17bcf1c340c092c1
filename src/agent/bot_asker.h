// Puts a question to a bot's model, for bot/ask.
//
// Lifetime: the catalog and the clock outlive it. Threads: the worker's executor only.
#pragma once

#include <string>

#include "action/bot_ask.h"
#include "agent/model_catalog.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"

namespace bellpull {

class BotAsker final : public Asker {
 public:
  BotAsker(const ModelCatalog& models, const Clock& clock) : models_(models), clock_(clock) {}

  // Once: who asks decides whether to ask again.
  Task<Result<BotAnswer>> ask(Bot bot, std::string prompt, SteadyTime deadline) override;

 private:
  const ModelCatalog& models_;
  const Clock& clock_;
};

}  // namespace bellpull
