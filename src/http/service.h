// What all connections of one server share.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/time.h"
#include "http/limits.h"
#include "http/read_buffer.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

namespace bellpull {

// One answered request, for metrics. `route` is null when none matched; `pattern` is empty when no
// route has the path, whatever the method.
struct AnsweredRequest {
  int status = 0;
  Method method = Method::other;
  const Route* route = nullptr;
  std::string_view pattern;
  std::size_t bytes_in = 0;   // the head and the body that was read
  std::size_t bytes_out = 0;  // 0 when the client was gone
  SteadyTime::duration elapsed{};
};

// How the server's user shapes what it did not write itself. Each may be empty. They run on the
// connection's thread and must not throw.
struct ServerHooks {
  // Every reply that no handler made: 400, 404, 405, 408, 413, 417, 431, 500, 503. The head is null
  // when there is none that could be read. Without the hook: the message as text.
  std::function<Response(int status, std::string_view message, const RequestHead* head)> error;
  // OPTIONS, for any path. Without the hook: 204 with Allow.
  std::function<Response(const RequestHead& head)> options;
  // Last touch to every reply to a request that could be read, errors included: CORS headers.
  std::function<void(Response& response, const RequestHead& head)> finish;
  // After the reply.
  std::function<void(const AnsweredRequest& exchange)> observe;
};

// Threads: any; constant but for the counters.
struct Service {
  Service(const HttpLimits& all_limits, const Router& all_routes, ServerHooks user_hooks,
          const Clock& real_clock, Log& server_log)
      : limits(all_limits),
        router(all_routes),
        hooks(std::move(user_hooks)),
        clock(real_clock),
        log(server_log),
        budget(all_limits.buffered_bytes) {}

  const HttpLimits limits;
  const Router& router;
  const ServerHooks hooks;
  const Clock& clock;
  Log& log;

  BufferBudget budget;
  std::atomic<std::size_t> connections = 0;
};

}  // namespace bellpull
