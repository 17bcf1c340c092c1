#include "app/remote_files.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/remote_content.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/http_call.h"
#include "egress/http_client.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

constexpr Duration fetch_time = std::chrono::seconds{60};

}  // namespace

RemoteFiles::RemoteFiles(asio::any_io_executor executor, const Clock& clock)
    : executor_(std::move(executor)), clock_(clock) {}

Task<Result<RemoteContent::Fetched>> RemoteFiles::fetch(std::string url, std::size_t limit) {
  co_return co_await asio::co_spawn(executor_, fetch_here(std::move(url), limit),
                                    asio::use_awaitable);
}

// What is wrong with the other side stays wrong when a client tries again: no 5xx.
Task<Result<RemoteContent::Fetched>> RemoteFiles::fetch_here(std::string url, std::size_t limit) {
  HttpCall call{
      .url = std::move(url), .deadline = clock_.steady_now() + fetch_time, .response_limit = limit};
  auto reply = co_await client_->send(std::move(call));
  if (!reply && reply.error().cause == HttpCause::too_large) {
    co_return fail(ErrorCode::too_large, "the content is over " + std::to_string(limit) + " bytes");
  }
  if (!reply) co_return fail(ErrorCode::invalid, "file: " + reply.error().message);
  if (reply->status < 200 || reply->status > 299) {
    co_return fail(ErrorCode::invalid, "file: the URL answered " + std::to_string(reply->status));
  }
  std::string type{reply->header("content-type").value_or("")};
  co_return Fetched{.bytes = std::move(reply->body), .type = std::move(type)};
}

}  // namespace bellpull
