// A model that says what the test wrote down, and remembers what it was told.
#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"
#include "llm/provider.h"

namespace bellpull {

inline ModelAnswer says(std::string text) {
  return {.text = std::move(text), .usage = {.input = 10, .output = 5}, .model = "scripted"};
}

inline ModelAnswer calls(std::vector<ToolCall> wanted, std::string text = {}) {
  ModelAnswer answer = says(std::move(text));
  answer.calls = std::move(wanted);
  answer.stop = StopReason::tool_calls;
  return answer;
}

inline ModelAnswer succeeds(std::string reason) {
  return calls({{"s1", "_success", R"({"reason":")" + reason + R"("})"}});
}

class ScriptedProvider final : public Provider {
 public:
  using Line = std::expected<ModelAnswer, Failure>;

  void then(ModelAnswer answer) { script_.emplace_back(std::move(answer)); }
  void then(Failure failure) { script_.emplace_back(std::unexpected(std::move(failure))); }
  // When the script is used up.
  void always(ModelAnswer answer) { always_ = std::move(answer); }
  // Instead of a script: what to say to a request.
  void answer_with(std::function<ModelAnswer(const ModelRequest&)> answer) {
    answer_ = std::move(answer);
  }
  // Called for each request, before the answer.
  void on_request(std::function<void()> hook) { hook_ = std::move(hook); }
  // Requests wait for ever from now on; only a cancellation ends them.
  void hang() { hanging_ = true; }
  void answer_again() { hanging_ = false; }

  const std::vector<ModelRequest>& requests() const { return requests_; }

  Task<Line> complete(ModelRequest request) override {
    requests_.push_back(std::move(request));
    if (hook_) hook_();
    if (hanging_) {
      boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                      boost::asio::steady_timer::time_point::max());
      co_await never.async_wait(boost::asio::use_awaitable);
    }
    if (!script_.empty()) {
      Line line = std::move(script_.front());
      script_.pop_front();
      co_return line;
    }
    if (answer_) co_return answer_(requests_.back());
    if (always_) co_return *always_;
    throw std::logic_error("the script is used up");
  }

 private:
  std::deque<Line> script_;
  std::optional<ModelAnswer> always_;
  std::function<ModelAnswer(const ModelRequest&)> answer_;
  std::function<void()> hook_;
  bool hanging_ = false;
  std::vector<ModelRequest> requests_;
};

}  // namespace bellpull
