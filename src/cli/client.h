// The public API, as a command sees it: one call after the other, each of which ends in an answer
// or in a failure that says what to type next.
//
// Ctrl+C ends the call that is waiting, and every later one, with `interrupted`, so that a command
// can still say what it has done; the second one ends the process at once.
//
// Threads: one.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/time.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "egress/http_call.h"

namespace bellpull::cli {

struct ApiCall {
  std::string method = "GET";
  std::string path;  // below the server's URL, "/healthz"
  std::vector<HttpField> headers;
  std::string body;
  std::string bearer;  // empty: no authorization
  Duration time_limit = std::chrono::seconds{30};
  Resend resend = Resend::by_method;
};

class Client {
 public:
  // Throws std::runtime_error when the CA file can't be used. `debug`, when given, gets the
  // exchanges, with secrets masked.
  Client(const Configuration& configuration, const Clock& clock, std::ostream* debug);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const std::string& url() const { return url_; }
  bool has_token() const { return !token_.empty(); }

  // Paths below /api/v1. Any other status than 2xx is a failure, and so is an answer without JSON.
  Outcome<boost::json::object> get(std::string_view path,
                                   Duration time_limit = std::chrono::seconds{30});
  Outcome<boost::json::object> post(std::string_view path, const boost::json::object& body = {});

  // Any status is a reply.
  Outcome<HttpReply> send(const ApiCall& call);
  // Waits; fails with `interrupted`.
  Outcome<void> pause(Duration duration);

 private:
  struct Loop;

  Outcome<boost::json::object> ask(ApiCall call);
  Failure failure_of(const HttpFailure& failure) const;
  void show(const ApiCall& call, const HttpReply& reply, Duration took) const;

  const std::string url_;
  const std::string token_;
  const std::string token_origin_;
  const Clock& clock_;
  std::ostream* const debug_;
  const std::unique_ptr<Loop> loop_;
};

// What an error reply means for the command.
Failure failure_of_reply(const HttpReply& reply);

// For one segment of a path, or one value of a query.
std::string percent_encoded(std::string_view text);

}  // namespace bellpull::cli
