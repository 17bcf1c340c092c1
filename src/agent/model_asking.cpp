#include "agent/model_asking.h"

#include <algorithm>
#include <array>
#include <expected>
#include <string_view>
#include <utility>

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

}  // namespace

Task<AskedModel> ask_model(const ChosenModel* model, ModelRequest request, const Clock* clock) {
  AskedModel asked;
  asked.by = model;
  asked.answer = co_await ask_one(model, request);
  if (asked.answer) co_return asked;
  std::vector<Failure> passed{asked.answer.error()};
  for (const ChosenModel& fallback : model->fallbacks) {
    if (!may_another_answer(passed.back()) || clock->steady_now() >= request.deadline) break;
    auto answer = co_await ask_one(&fallback, request);
    if (answer) {
      asked.answer = std::move(answer);
      asked.by = &fallback;
      asked.passed = std::move(passed);
      break;
    }
    passed.push_back(std::move(answer.error()));
  }
  co_return asked;
}

}  // namespace bellpull
