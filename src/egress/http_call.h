// One HTTP request that leaves the server, its reply, and how it can fail.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "egress/allow_list.h"

namespace bellpull {

struct HttpField {
  std::string name;
  std::string value;
};

// What happens to a reply that is larger than the call's limit.
enum class Oversize : std::uint8_t { truncate, fail };

// Whether a request may be sent a second time when a kept connection died before any answer. A
// method that is not idempotent must not be, unless the receiver is known not to mind.
enum class Resend : std::uint8_t { by_method, always };

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::vector<HttpField> headers;  // Host, Content-Length and the connection's are the client's own
  std::string body;
  Duration connect_timeout = std::chrono::seconds{5};
  SteadyTime deadline;  // of everything, redirects included
  std::size_t response_limit = 512 * std::size_t{1024};
  Oversize oversize = Oversize::fail;
  unsigned max_redirects = 5;    // 0: a redirect is a reply like any other
  bool stays_at_origin = false;  // a redirect to another origin is a reply like any other
  Resend resend = Resend::by_method;
  std::optional<Allowance> allowance = std::nullopt;  // for what the operator configured, only
};

struct HttpReply {
  unsigned status = 0;
  std::vector<HttpField> headers;
  std::string body;
  bool truncated = false;
  std::string url;  // of the last hop

  // The first field of that name, in any case; nothing when there is none.
  std::optional<std::string_view> header(std::string_view name) const;
};

// What a consumer says to a piece of a body. After `enough` the connection is closed and the call
// has succeeded.
enum class BodyStep : std::uint8_t { more, enough };

// Takes the pieces of a body as they arrive, with what is known of the reply: status and headers.
// It runs inside of curl, so it must neither throw, wait, nor begin or end another call.
using BodyConsumer = std::function<BodyStep(const HttpReply& head, std::string_view piece)>;

enum class HttpCause : std::uint8_t {
  refused_by_guard,
  dns,
  connect,
  tls,
  timeout,
  canceled,
  too_large,
  connection_lost,
  too_many_redirects,
  bad_url,  // or another part of the call that cannot be sent
};

// "refused_by_guard".
std::string_view to_string(HttpCause cause);

struct HttpFailure {
  HttpCause cause = HttpCause::connection_lost;
  std::string message;    // for people and models; names the host, never a path, query or header
  bool was_sent = false;  // some of the request may have reached the other side
};

// Names of header fields are equal in any case.
bool same_name(std::string_view one, std::string_view other);

// How long a Retry-After field asks to wait: seconds, or an HTTP date. Nothing when it is neither.
std::optional<Duration> retry_after(std::string_view value, TimePoint now);

}  // namespace bellpull
