// One request to an MCP endpoint over HTTP, and what comes back: plain JSON, or an event stream
// with notices, requests and the answer in it.
//
// Threads: the executor's only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/event_stream.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "mcp/call_time.h"
#include "mcp/channel.h"
#include "mcp/rpc_message.h"
#include "mcp/server_settings.h"

namespace bellpull {

class HttpExchange {
 public:
  // What the channel does with what comes beside the answer.
  struct Hooks {
    std::function<void(const McpProgress&)> on_progress;
    std::function<void()> on_tools_changed;
    std::function<Task<void>(std::string refusal)> refuse;  // a request of the server's own
  };

  HttpExchange(const boost::asio::any_io_executor& executor, HttpClient& client, const Clock& clock,
               const McpLimits& limits, std::int64_t id, CallTime time, Hooks hooks);

  // Sends `call` until its answer is there, its stream ends or its time is over. Several times with
  // the calls that take a broken stream up again.
  Task<void> perform(HttpCall call);

  // What it came to:
  const std::optional<RpcMessage>& answer() const { return answer_; }
  const std::optional<HttpFailure>& failure() const { return failure_; }
  const HttpReply& reply() const { return reply_; }  // without a body
  bool timed_out() const { return timed_out_; }
  bool was_stream() const { return reader_ != nullptr; }
  const std::string& last_event_id() const { return last_event_id_; }
  Duration retry_pause() const;
  const CallTime& time() const { return time_; }

 private:
  BodyStep take(const HttpReply& head, std::string_view piece);
  void take_message(std::string_view text);
  void take_notice(const RpcMessage& message);
  void keep_refusal(const RpcMessage& message);
  void read_plain();
  Task<void> watch();
  Task<void> deliver();

  // Constant after construction:
  HttpClient& client_;
  const Clock& clock_;
  const McpLimits& limits_;
  const std::int64_t id_;
  const Hooks hooks_;

  CallTime time_;
  boost::asio::steady_timer wake_;  // ends with the time; cancelled when there is something to do
  std::unique_ptr<EventStreamReader> reader_;
  std::string plain_;
  std::optional<RpcMessage> answer_;
  std::optional<HttpFailure> failure_;
  HttpReply reply_;
  std::string last_event_id_;
  std::optional<Duration> retry_;
  std::optional<McpProgress> progress_;  // to be told; the newest
  std::vector<std::string> refusals_;    // to be sent
  std::size_t requests_ = 0;             // of the server's own, so far
  bool timed_out_ = false;
};

}  // namespace bellpull
