// Asks a model, and those that stand in for it when its provider can't answer.
#pragma once

#include <expected>
#include <vector>

#include "agent/model_catalog.h"
#include "base/task.h"
#include "base/time.h"
#include "llm/provider.h"

namespace bellpull {

struct AskedModel {
  std::expected<ModelAnswer, Failure> answer;
  const ChosenModel* by = nullptr;  // who gave it
  std::vector<Failure> passed;      // of those who could not, before it
};

// `request` is without the model and its options. The model outlives the call. What is wrong with
// the request itself is no reason to ask another; a failure is the first one's, whose delay counts.
Task<AskedModel> ask_model(const ChosenModel* model, ModelRequest request, const Clock* clock);

}  // namespace bellpull
