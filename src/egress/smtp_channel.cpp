#include "egress/smtp_channel.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/descriptor_base.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <curl/curl.h>
#include <curl/easy.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/smtp_reply.h"

namespace bellpull {

namespace asio = boost::asio;
using Failure = ChannelFailure;

namespace {

// Shared with the wait for the socket, which may outlive the one that asked by a turn.
struct Wait {
  explicit Wait(const asio::any_io_executor& executor, SteadyTime deadline)
      : timer(executor, deadline) {}

  asio::steady_timer timer;  // cancelled when the socket is ready
  bool is_ready = false;
};

curl_socket_t socket_of(CURL* handle) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket);
  return socket;
}

}  // namespace

SmtpChannel::SmtpChannel(const asio::any_io_executor& executor, CURL* handle, Duration time_left)
    : handle_(handle),
      deadline_(std::chrono::steady_clock::now() + time_left),
      socket_(executor, socket_of(handle)) {}

SmtpChannel::~SmtpChannel() {
  socket_.release();  // curl closes it
}

Task<std::expected<SmtpReply, Failure>> SmtpChannel::command(std::string line) {
  const auto sent = co_await send(std::move(line) + "\r\n");
  if (!sent) co_return std::unexpected(sent.error());
  co_return co_await reply();
}

Task<std::expected<void, Failure>> SmtpChannel::send(std::string bytes) {
  std::string_view left = bytes;
  while (!left.empty()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(handle_, left.data(), left.size(), &sent);
    left.remove_prefix(sent);
    if (code != CURLE_OK && code != CURLE_AGAIN) co_return std::unexpected(Failure::lost);
    if (code == CURLE_OK) continue;
    const auto waited = co_await ready(asio::posix::descriptor_base::wait_write);
    if (!waited) co_return waited;
  }
  co_return std::expected<void, Failure>{};
}

void SmtpChannel::quit() {
  constexpr std::string_view line = "QUIT\r\n";
  std::size_t sent = 0;
  curl_easy_send(handle_, line.data(), line.size(), &sent);
}

Task<std::expected<SmtpReply, Failure>> SmtpChannel::reply() {
  std::array<char, 4096> buffer;
  std::size_t have = 0;  // the first look is at what came with the last reply
  for (;;) {
    auto complete = reader_.read({buffer.data(), have});
    if (complete) co_return std::move(*complete);
    if (reader_.is_broken()) co_return std::unexpected(Failure::lost);
    have = 0;
    std::size_t got = 0;
    const CURLcode code = curl_easy_recv(handle_, buffer.data(), buffer.size(), &got);
    if (code == CURLE_AGAIN) {
      const auto waited = co_await ready(asio::posix::descriptor_base::wait_read);
      if (!waited) co_return std::unexpected(waited.error());
      continue;
    }
    if (code != CURLE_OK || got == 0) co_return std::unexpected(Failure::lost);
    have = got;
  }
}

Task<std::expected<void, Failure>> SmtpChannel::ready(
    asio::posix::descriptor_base::wait_type what) {
  const auto wait = std::make_shared<Wait>(socket_.get_executor(), deadline_);
  socket_.async_wait(what, [weak = std::weak_ptr(wait)](const boost::system::error_code& error) {
    const auto waiting = weak.lock();
    if (!waiting || error) return;
    waiting->is_ready = true;
    waiting->timer.cancel();
  });
  boost::system::error_code woken;
  co_await wait->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (wait->is_ready) co_return std::expected<void, Failure>{};
  socket_.cancel();
  co_return std::unexpected(woken ? Failure::canceled : Failure::timeout);
}

}  // namespace bellpull
