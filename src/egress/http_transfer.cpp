#include "egress/http_transfer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <expected>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <curl/system.h>
#include <fmt/core.h>

#include "base/time.h"
#include "egress/guarded_handle.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/redirect.h"
#include "egress/url.h"

namespace bellpull {

namespace {

constexpr std::size_t max_header_bytes = 64 * std::size_t{1024};  // of one reply
constexpr long receive_buffer_bytes = 8 * 1024L;                  // of each transfer

// These describe the connection, not the message; a caller's would contradict curl's.
constexpr auto managed = std::to_array<std::string_view>(
    {"connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
     "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"});

bool is_managed(std::string_view name) {
  return std::ranges::any_of(managed, [&](std::string_view own) { return same_name(own, name); });
}

bool has_body(const HttpCall& call) {
  return !call.body.empty() || call.method == "POST" || call.method == "PUT" ||
         call.method == "PATCH";
}

bool may_be_resent(const HttpCall& call) {
  return call.resend == Resend::always || (call.method != "POST" && call.method != "PATCH");
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

HttpTransfer::HttpTransfer(HttpCall call, Url url, std::vector<IpAddress> addresses,
                           Duration time_left, const TransferSettings& settings,
                           BodyConsumer consumer)
    : call_(std::move(call)),
      url_(std::move(url)),
      consumer_(std::move(consumer)),
      handle_(url_, std::move(addresses), "http,https", settings.ca_file) {
  apply_policy(settings);
  apply_request(time_left);
  apply_headers();
}

void HttpTransfer::apply_policy(const TransferSettings& settings) {
  handle_.set(CURLOPT_PATH_AS_IS, 1L);
  handle_.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  handle_.set(CURLOPT_USERAGENT, settings.user_agent.c_str());
  // All that curl can undo; the limit counts what comes out.
  handle_.set(CURLOPT_ACCEPT_ENCODING, "");
  handle_.set(CURLOPT_BUFFERSIZE, receive_buffer_bytes);
  handle_.set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  handle_.set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  handle_.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

void HttpTransfer::apply_request(Duration time_left) {
  handle_.set(CURLOPT_TIMEOUT_MS,
              static_cast<long>(std::max<Duration>(time_left, Duration{1}).count()));
  handle_.set(CURLOPT_CONNECTTIMEOUT_MS,
              static_cast<long>(std::max<Duration>(call_.connect_timeout, Duration{1}).count()));
  if (has_body(call_)) {
    handle_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    handle_.set(CURLOPT_POSTFIELDS, call_.body.data());
  }
  if (call_.method == "HEAD") handle_.set(CURLOPT_NOBODY, 1L);
  handle_.set(CURLOPT_CUSTOMREQUEST, call_.method.c_str());
  // curl repeats a request by itself when a kept connection turns out to be dead; a new one never
  // is.
  if (!may_be_resent(call_)) handle_.set(CURLOPT_FRESH_CONNECT, 1L);
}

void HttpTransfer::apply_headers() {
  bool accept = false;
  bool content_type = false;
  for (const HttpField& field : call_.headers) {
    if (is_managed(field.name)) continue;
    accept = accept || same_name(field.name, "accept");
    content_type = content_type || same_name(field.name, "content-type");
    // "Name:" would delete one of curl's own; "Name;" is how it spells an empty value.
    headers_.append(field.value.empty() ? field.name + ";" : field.name + ": " + field.value);
  }
  headers_.append("Expect:");  // no waiting for 100 Continue
  if (!accept) headers_.append("Accept: */*");
  if (!content_type) headers_.append("Content-Type:");  // none instead of curl's guess
  handle_.set(CURLOPT_HTTPHEADER, headers_.get());
}

// Nothing may be thrown through curl: it is kept, and is a failure of the transfer.
template <typename Take>
bool HttpTransfer::guarded(Take take) {
  try {
    return take();
  } catch (const std::exception& error) {
    thrown_ = error.what();
    return false;
  }
}

std::size_t HttpTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& mine = *static_cast<HttpTransfer*>(self);
  const std::string_view line(data, size * count);
  return mine.guarded([&] { return mine.take_header(line); }) ? line.size() : 0;
}

bool HttpTransfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > max_header_bytes) {
    oversize_ = true;
    return false;
  }
  if (line.starts_with("HTTP/")) reply_.headers.clear();  // what came with a 1xx is not the reply's
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    reply_.headers.push_back(
        {std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  }
  return true;
}

std::size_t HttpTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& mine = *static_cast<HttpTransfer*>(self);
  const std::string_view bytes(data, size * count);
  return mine.guarded([&] { return mine.take(bytes); }) ? bytes.size() : 0;  // 0 ends the transfer
}

// Gives whether the transfer is to go on.
bool HttpTransfer::take(std::string_view bytes) {
  const std::size_t room = call_.response_limit - body_bytes_;
  const std::string_view taken = bytes.substr(0, room);
  body_bytes_ += taken.size();
  read_status();
  // The body of a hop that is followed is nobody's.
  const bool is_hop =
      call_.max_redirects > 0 && is_redirect(reply_.status) && reply_.header("location");
  if (!consumer_ || is_hop) {
    reply_.body.append(taken);
  } else if (consumer_(reply_, taken) == BodyStep::enough) {
    enough_ = true;
    return false;
  }
  oversize_ = bytes.size() > room;
  return !oversize_;
}

void HttpTransfer::read_status() {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  reply_.status = static_cast<unsigned>(status);
}

std::expected<HttpReply, HttpFailure> HttpTransfer::outcome(CURLcode result) {
  const bool cut_on_purpose = oversize_ && call_.oversize == Oversize::truncate &&
                              header_bytes_ <= max_header_bytes && result == CURLE_WRITE_ERROR;
  const bool was_enough = enough_ && result == CURLE_WRITE_ERROR;
  if (result != CURLE_OK && !cut_on_purpose && !was_enough) return std::unexpected(failure(result));
  read_status();
  reply_.truncated = cut_on_purpose;
  reply_.url = url_.to_string();
  return std::move(reply_);
}

HttpFailure HttpTransfer::failure(CURLcode result) const {
  // What was written to the connection, from the first byte of the head on.
  long sent_bytes = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_REQUEST_SIZE, &sent_bytes);
  const auto failed = [&](HttpCause cause, std::string_view what) {
    return HttpFailure{cause, fmt::format("{} {}", url_.host, what), sent_bytes > 0};
  };
  if (handle_.refused()) {
    return failed(HttpCause::refused_by_guard, "led to an address that was not checked");
  }
  if (thrown_) {
    return failed(HttpCause::connection_lost,
                  fmt::format("sent what could not be read: {}", *thrown_));
  }
  if (oversize_) return failed(HttpCause::too_large, "sent more than the call takes");
  if (is_tls_failure(result)) {
    return failed(HttpCause::tls,
                  fmt::format("failed the TLS check: {}", curl_easy_strerror(result)));
  }
  switch (result) {
    case CURLE_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case CURLE_URL_MALFORMAT:
      return failed(HttpCause::bad_url, "is part of a URL that cannot be used");
    case CURLE_COULDNT_RESOLVE_HOST:
      return failed(HttpCause::dns, "could not be resolved");
    case CURLE_COULDNT_CONNECT:
      return failed(HttpCause::connect, "does not accept the connection");
    case CURLE_OPERATION_TIMEDOUT:
      return failed(HttpCause::timeout, "did not answer in time");
    default:
      return failed(HttpCause::connection_lost,
                    fmt::format("broke the exchange off: {}", curl_easy_strerror(result)));
  }
}

}  // namespace bellpull
