// What the conversation said before this run, as turns for the model.
//
// Messages are all a later run sees of earlier ones: calls come back as neutral calls and results,
// without what their provider signed. Activity messages are paired by id, or without one by
// function and arguments in order; a call without a result gets one that says so, because every
// provider insists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "domain/conversation.h"
#include "llm/provider.h"

namespace bellpull {

struct History {
  std::vector<Turn> turns;
  std::string backstory;  // of the newest backstory message; the account's words
};

// Whether older messages were left out of what was read.
enum class Reach : std::uint8_t { whole, cut };

// `messages` in order of their numbers. Of a cut list the first, broken run is dropped, and then
// the oldest runs until the rest fits into `bytes`. What a checkpoint stands for is left out.
History history_of(std::span<const Message> messages, Reach reach, std::size_t bytes);

}  // namespace bellpull
