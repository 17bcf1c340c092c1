#include "llm/streamed_reply.h"

#include <chrono>
#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "base/task.h"
#include "base/time.h"
#include "egress/event_stream.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "llm/answer_stream.h"
#include "llm/provider.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// For the end of a body whose last event has come: the connection can be used again only after it.
constexpr Duration end_of_body = std::chrono::seconds{1};

bool is_event_stream(const HttpReply& head) {
  const bool is_success = head.status >= 200 && head.status < 300;
  return is_success && head.header("content-type").value_or("").starts_with("text/event-stream");
}

}  // namespace

StreamedReply::StreamedReply(const asio::any_io_executor& executor, const Clock& clock, Quiet quiet,
                             AnswerStream& stream, AnswerFollower* follower)
    : clock_(clock),
      quiet_(quiet),
      stream_(stream),
      follower_(follower),
      reader_([this](const StreamEvent& event) { take_event(event); }),
      timer_(executor) {}

Task<std::expected<HttpReply, HttpFailure>> StreamedReply::perform(HttpClient* client,
                                                                   HttpCall call) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)
  if (follower_ != nullptr) follower_->on_begin();
  quiet_until_ = clock_.steady_now() + quiet_.before_first;
  auto done = co_await (transfer(client, std::move(call)) || watch());
  if (thrown_) std::rethrow_exception(thrown_);
  if (!fits_) {
    co_return std::unexpected(HttpFailure{HttpCause::too_large, "an event is too large"});
  }
  if (auto* const reply = std::get_if<0>(&done)) {
    if (*reply) (*reply)->body = std::move(body_);
    if (*reply || !stream_.is_over()) co_return std::move(*reply);
  }
  if (stream_.is_over()) co_return HttpReply{.status = 200};
  co_return std::unexpected(
      HttpFailure{HttpCause::timeout, "the server said nothing for too long"});
}

// What it throws would leave the watch waiting for its time.
Task<std::expected<HttpReply, HttpFailure>> StreamedReply::transfer(HttpClient* client,
                                                                    HttpCall call) {
  BodyConsumer consumer = [this](const HttpReply& head, std::string_view piece) {
    return take(head, piece);
  };
  try {
    co_return co_await client->stream(std::move(call), std::move(consumer));
  } catch (...) {
    thrown_ = std::current_exception();
  }
  co_return std::unexpected(HttpFailure{HttpCause::connection_lost, "the transfer failed"});
}

BodyStep StreamedReply::take(const HttpReply& head, std::string_view piece) {
  keep_quiet_for(quiet_.between);
  if (!is_event_stream(head)) {
    body_ += piece;
    return BodyStep::more;
  }
  was_stream_ = true;
  fits_ = reader_.feed(piece);
  if (stream_.is_over()) keep_quiet_for(end_of_body);
  return fits_ ? BodyStep::more : BodyStep::enough;
}

void StreamedReply::keep_quiet_for(Duration time) {
  quiet_until_ = clock_.steady_now() + time;
  // The watch sleeps until the time that was right before.
  if (quiet_until_ < timer_.expiry()) timer_.cancel();
}

void StreamedReply::take_event(const StreamEvent& event) {
  if (stream_.is_over()) return;
  const std::string text = stream_.take(event);
  if (follower_ != nullptr && !text.empty()) follower_->on_text(text);
}

Task<void> StreamedReply::watch() {
  while (clock_.steady_now() < quiet_until_) {
    timer_.expires_at(quiet_until_);
    boost::system::error_code woken;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

}  // namespace bellpull
