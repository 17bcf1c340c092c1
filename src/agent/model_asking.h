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
  std::vector<Failure> passed;      // of the others who could not
};

// `request` is without the model and its options. The model outlives the call. What the first finds
// wrong with the request itself is no reason to ask another. When nobody answers, the failure is
// the one that another attempt can cure soonest, or else the first one's.
Task<AskedModel> ask_model(const ChosenModel* model, ModelRequest request, const Clock* clock);

}  // namespace bellpull
