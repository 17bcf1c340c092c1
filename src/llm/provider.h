// A model as the agent sees it: turns and tools in, one answer out.
//
// The turns are neutral; each provider renders them in its own wire form. An assistant turn carries
// the provider's message verbatim beside the neutral form and gets it back unchanged, because some
// providers sign what they said.
//
// Lifetime: a provider outlives every call. Threads: the worker's executor only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/task.h"
#include "base/time.h"

namespace bellpull {

enum class Role : std::uint8_t { system, user, assistant, tool };

struct ToolCall {
  std::string id;         // unique within its answer
  std::string name;       // as the model wrote it; it may name no tool
  std::string arguments;  // raw text, meant to be a JSON object; models get it wrong
};

struct Turn {
  Role role = Role::user;
  std::string text;
  std::vector<ToolCall> calls;  // assistant: what it asked for
  std::string call_id;          // tool: the call that this is the result of
  std::string tool_name;        // tool: the name of that call
  bool failed = false;          // tool: the call did not do what it was asked to
  std::string verbatim;         // assistant: the provider's own message as JSON text, or empty
  std::size_t appended = 0;     // system: the last bytes, which are no words of the bot's account
};

// The error of a result that says: the server stopped before it made the call, so that it may be
// made again, whatever it does.
inline constexpr std::string_view not_made_error = "not_made";

struct ToolDefinition {
  std::string name;  // [A-Za-z0-9_-]{1,64}
  std::string description;
  boost::json::object parameters;  // JSON Schema of an object
  std::string title;               // what people call it; no model is told
};

// Sees an answer while it is written. It is called inside of the transfer: it must neither throw
// nor wait.
class AnswerFollower {
 public:
  virtual ~AnswerFollower() = default;
  // The answer begins, or begins anew: what was seen of a try before counts no longer.
  virtual void on_begin() = 0;
  virtual void on_text(std::string_view piece) = 0;
};

struct ModelRequest {
  std::string model;            // what follows the provider's prefix in the model string
  boost::json::object options;  // key=value of the model string, as text
  std::vector<Turn> turns;
  std::vector<ToolDefinition> tools;
  SteadyTime deadline;                 // the answer is useless after it
  AnswerFollower* follower = nullptr;  // outlives the call
};

enum class StopReason : std::uint8_t { done, tool_calls, length, filtered, refused };

// Tokens; `input` includes the cached ones, `output` the reasoning ones.
struct TokenUsage {
  std::int64_t input = 0;
  std::int64_t cached_input = 0;
  std::int64_t output = 0;
  std::int64_t reasoning = 0;
};

struct ModelAnswer {
  std::string text;
  std::string reasoning;
  std::vector<ToolCall> calls;  // when there are any, they count, whatever `stop` says
  StopReason stop = StopReason::done;
  TokenUsage usage;
  std::string model;       // as the provider named it
  std::string verbatim;    // see Turn::verbatim
  std::string request_id;  // the provider's, for its support; may be empty
};

// Whether another attempt at the same request can end better.
enum class FailureClass : std::uint8_t { retryable, final };

struct Failure {
  FailureClass failure_class = FailureClass::retryable;
  std::string
      cause;  // one word in snake_case: rate_limited, quota, timeout, connection, bad_answer, ...
  std::string message;                                 // for people; never holds a key
  std::optional<Duration> retry_after = std::nullopt;  // not before, when the provider said so
};

class Provider {
 public:
  virtual ~Provider() = default;

  // Cancelling the task closes the connection. Fails with a Failure for whatever the provider or
  // the network does; throws only for a bug.
  virtual Task<std::expected<ModelAnswer, Failure>> complete(ModelRequest request) = 0;
};

}  // namespace bellpull
