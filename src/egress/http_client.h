// The one door for HTTP out of the server: nothing leaves that the guard has not passed.
//
// Every hop is checked alike: the URL is parsed strictly, its name resolved by our resolver, every
// address judged, and the connection pinned to those addresses. Redirects are followed here, so
// that each is a new hop. Connections are kept per host and used again, but never between bots'
// calls and calls with an allowance.
//
// Lifetime: outlives every call. Threads: the executor's only.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/destinations.h"
#include "egress/http_call.h"
#include "egress/http_transfer.h"

namespace bellpull {

class TransferLoop;

struct HttpClientSettings {
  TransferSettings transfers;
  std::size_t max_connections = 16'384;  // for bots, and as many for what the operator configured
};

class HttpClient {
 public:
  HttpClient(boost::asio::any_io_executor executor, AllowList allow_list, Resolvers resolvers,
             const Clock& clock, HttpClientSettings settings = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is a reply. Cancelling the task ends the transfer.
  Task<std::expected<HttpReply, HttpFailure>> send(HttpCall call);

  // The same, but `consumer` gets the body's pieces as they arrive, whatever the status; the reply
  // that comes at the end has none. `response_limit` counts all pieces together.
  Task<std::expected<HttpReply, HttpFailure>> stream(HttpCall call, BodyConsumer consumer);

 private:
  using Loops = std::vector<std::unique_ptr<TransferLoop>>;

  // Through redirects.
  Task<std::expected<HttpReply, HttpFailure>> follow(HttpCall call, BodyConsumer consumer,
                                                     bool* was_answered);
  TransferLoop& loop_for(const HttpCall& call);

  // Constant after construction:
  const boost::asio::any_io_executor executor_;
  const Clock& clock_;
  const HttpClientSettings settings_;

  Destinations destinations_;
  // The executor's. More than one, because curl searches all connections of a host one by one:
  Loops for_bots_;
  Loops for_operator_;
};

}  // namespace bellpull
