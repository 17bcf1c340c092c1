#include "egress/http_client.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <fmt/core.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/destinations.h"
#include "egress/http_call.h"
#include "egress/http_transfer.h"
#include "egress/redirect.h"
#include "egress/transfer_loop.h"
#include "egress/url.h"

namespace bellpull {

namespace {

using Reply = std::expected<HttpReply, HttpFailure>;

// A loop takes this many transfers at once before the next one is used.
constexpr std::size_t transfers_per_loop = 512;

std::unexpected<HttpFailure> failed(HttpCause cause, std::string message) {
  return std::unexpected(HttpFailure{cause, std::move(message)});
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

// A line break in a value would begin a header, or a request, of somebody else's choice.
bool is_field_value(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; });
}

std::optional<HttpFailure> fault_of(const HttpCall& call) {
  if (!is_token(call.method) || call.method == "CONNECT" || call.method == "TRACE") {
    return HttpFailure{HttpCause::bad_url, "The method is none that can be sent"};
  }
  for (const HttpField& field : call.headers) {
    if (!is_token(field.name)) return HttpFailure{HttpCause::bad_url, "A header's name is not one"};
    if (!is_field_value(field.value)) {
      return HttpFailure{
          HttpCause::bad_url,
          fmt::format("The header {} holds a line break or a control character", field.name)};
    }
  }
  return std::nullopt;
}

}  // namespace

HttpClient::HttpClient(boost::asio::any_io_executor executor, AllowList allow_list,
                       Resolvers resolvers, const Clock& clock, HttpClientSettings settings)
    : executor_(std::move(executor)),
      clock_(clock),
      settings_(std::move(settings)),
      destinations_(std::move(allow_list), resolvers, clock) {}

HttpClient::~HttpClient() = default;

TransferLoop& HttpClient::loop_for(const HttpCall& call) {
  Loops& loops = call.allowance ? for_operator_ : for_bots_;
  const std::size_t max_loops =
      std::max<std::size_t>(settings_.max_connections / transfers_per_loop, 1);
  for (const auto& loop : loops) {
    if (loop->size() < transfers_per_loop) return *loop;
  }
  if (loops.size() < max_loops) {
    const std::size_t connections = std::min(settings_.max_connections, transfers_per_loop);
    loops.push_back(std::make_unique<TransferLoop>(executor_, connections));
    return *loops.back();
  }
  return **std::ranges::min_element(loops, {}, [](const auto& loop) { return loop->size(); });
}

Task<Reply> HttpClient::send(HttpCall call) { return stream(std::move(call), {}); }

Task<Reply> HttpClient::stream(HttpCall call, BodyConsumer consumer) {
  if (auto fault = fault_of(call)) co_return std::unexpected(std::move(*fault));
  bool was_answered = false;
  Reply reply = co_await follow(std::move(call), std::move(consumer), &was_answered);
  // A redirect is an answer: whatever failed after it, the request had arrived.
  if (!reply && was_answered) reply.error().was_sent = true;
  co_return reply;
}

// The pointer is to stream()'s own variable, which lives until this returns.
Task<Reply> HttpClient::follow(HttpCall call, BodyConsumer consumer, bool* was_answered) {
  for (unsigned redirects = 0;; ++redirects) {
    auto url = parse_url(call.url);
    if (!url) co_return failed(HttpCause::bad_url, url.error().message);
    auto addresses = co_await destinations_.find(*url, call.allowance, call.deadline);
    if (!addresses) co_return std::unexpected(std::move(addresses.error()));

    const auto time_left =
        std::chrono::duration_cast<Duration>(call.deadline - clock_.steady_now());
    if (time_left <= Duration{0}) {
      co_return failed(HttpCause::timeout, fmt::format("{} did not answer in time", url->host));
    }
    TransferLoop& loop = loop_for(call);
    const unsigned max_redirects = call.max_redirects;
    HttpTransfer transfer(std::move(call), *url, std::move(*addresses), time_left,
                          settings_.transfers, consumer);
    const auto result = co_await loop.perform(transfer.handle());
    if (!result) co_return failed(HttpCause::canceled, "The call was canceled");
    Reply reply = transfer.outcome(*result);
    if (reply) *was_answered = true;
    const bool moves = reply && is_redirect(reply->status) && reply->header("location");
    if (!moves || max_redirects == 0) co_return reply;
    if (redirects == max_redirects) {
      co_return failed(HttpCause::too_many_redirects,
                       fmt::format("{} redirects too often", url->host));
    }
    auto next = redirected(transfer.take_call(), *url, *reply);
    if (!next)
      co_return failed(HttpCause::bad_url, "Redirected to nowhere: " + next.error().message);
    if (next->stays_at_origin && parse_url(next->url).value_or(Url{}).origin() != url->origin()) {
      co_return reply;
    }
    call = std::move(*next);
  }
}

}  // namespace bellpull
