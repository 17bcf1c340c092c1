// The way to one server: asks it one thing and gives its answer, whatever the era and transport.
//
// A channel opens itself when it is first asked, finds out the era, remembers it, and finds out
// again after a failure that an era could explain.
//
// Lifetime: outlives every call; the owner awaits stop() before it goes. Threads: the executor's.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/redaction.h"
#include "mcp/mcp_failure.h"
#include "mcp/protocol.h"

namespace bellpull {

struct McpProgress {
  double done = 0;
  std::optional<double> total;
  std::string message;
};

struct McpCall {
  std::string method;
  boost::json::object params;      // without `_meta`
  std::string subject;             // the tool's name, which the modern era repeats in a header
  std::vector<HttpField> headers;  // of the modern era over HTTP: mirrored parameters
  bool is_repeatable = false;      // asking twice changes nothing
  std::function<void(const McpProgress&)> on_progress;
  // The caller's; the channel's own limits end a call earlier.
  SteadyTime deadline = SteadyTime::max();
};

class McpChannel {
 public:
  virtual ~McpChannel() = default;

  // The `result`. An error of the server is a failure with `rejected`.
  virtual Task<std::expected<boost::json::object, McpFailure>> ask(McpCall call) = 0;

  // Nothing before the first answer, and after a failure that may have changed it.
  virtual std::optional<McpEra> era() const = 0;
  // The server said since the last time that its tools have changed, or it is another process.
  virtual bool take_changed() = 0;

  // Of what was declared as its environment or its headers: a server may say all it was given.
  virtual const Redactor& redactor() const = 0;

  // Ends the session or the process. Calls under way must have ended or been cancelled before.
  virtual Task<void> stop() = 0;
};

}  // namespace bellpull
