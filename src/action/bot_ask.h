// bot/ask: one question to another bot, and its answer: its backstory and the question, without
// functions, history or a run of its own.
//
// The account's own bots, public ones, and the bot that the ability is linked to can be asked.
//
// Lifetime: what it is made of outlives it. Threads: the worker's executor only.
#pragma once

#include <cstdint>
#include <string>

#include "action/action.h"
#include "action/inner.h"
#include "action/shape.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/bot.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

struct BotAnswer {
  std::string text;
  ModelUse use;
};

// Who puts a question to a bot's model.
class Asker {
 public:
  virtual ~Asker() = default;

  // Fails, saying why, for whatever the model or the network does. Cancelling the task closes the
  // connection.
  virtual Task<Result<BotAnswer>> ask(Bot bot, std::string prompt, SteadyTime deadline) = 0;
};

class BotAskAction final : public InnerAction {
 public:
  BotAskAction(Store& store, Asker& asker, std::int64_t max_hops)
      : store_(store), asker_(asker), max_hops_(max_hops) {}

  const ActionShape& shape() const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  Store& store_;
  Asker& asker_;
  const std::int64_t max_hops_;
};

}  // namespace bellpull
