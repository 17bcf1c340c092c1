#include "agent/model_asking.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/model_catalog.h"
#include "base/task.h"
#include "base/time.h"
#include "llm/provider.h"

namespace bellpull {

namespace {

// Final failures that are the provider's and not the request's.
constexpr auto of_the_provider =
    std::to_array<std::string_view>({"unauthorized", "forbidden", "quota", "not_found"});

bool may_another_answer(const Failure& failure) {
  if (failure.cause == "canceled") return false;
  return failure.failure_class == FailureClass::retryable ||
         std::ranges::find(of_the_provider, failure.cause) != of_the_provider.end();
}

Task<std::expected<ModelAnswer, Failure>> ask_one(const ChosenModel* model, ModelRequest request) {
  request.model = model->name;
  request.options = model->options;
  co_return co_await model->provider->complete(std::move(request));
}

// Of several failures the one that another attempt can cure, soonest.
std::size_t to_wait_for(const std::vector<Failure>& failures) {
  std::size_t best = 0;
  const auto wait = [](const Failure& failure) {
    return failure.retry_after.value_or(Duration{0});
  };
  for (std::size_t i = 1; i < failures.size(); ++i) {
    if (failures[i].failure_class != FailureClass::retryable) continue;
    const bool is_first = failures[best].failure_class != FailureClass::retryable;
    if (is_first || wait(failures[i]) < wait(failures[best])) best = i;
  }
  return best;
}

}  // namespace

Task<AskedModel> ask_model(const ChosenModel* model, ModelRequest request, const Clock* clock) {
  AskedModel asked;
  asked.by = model;
  asked.answer = co_await ask_one(model, request);
  if (asked.answer || !may_another_answer(asked.answer.error())) co_return asked;
  asked.passed.push_back(asked.answer.error());
  for (const ChosenModel& fallback : model->fallbacks) {
    if (clock->steady_now() >= request.deadline || asked.passed.back().cause == "canceled") break;
    asked.answer = co_await ask_one(&fallback, request);
    asked.by = &fallback;
    if (asked.answer) co_return asked;
    asked.passed.push_back(asked.answer.error());
  }
  const std::size_t best = to_wait_for(asked.passed);
  asked.answer = std::unexpected(asked.passed[best]);
  asked.passed.erase(asked.passed.begin() + static_cast<std::ptrdiff_t>(best));
  co_return asked;
}

}  // namespace bellpull
