#include "egress/transfer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <curl/easy.h>
#include <curl/system.h>
#include <fmt/core.h>

#include "base/time.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
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

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  // An option that does not take effect may be one that the guard relies on.
  if (const CURLcode result = curl_easy_setopt(handle, option, value); result != CURLE_OK) {
    throw std::runtime_error(
        fmt::format("curl option {}: {}", static_cast<int>(option), curl_easy_strerror(result)));
  }
}

}  // namespace

Transfer::Transfer(HttpCall call, Url url, std::vector<IpAddress> addresses, Duration time_left,
                   const TransferSettings& settings)
    : call_(std::move(call)),
      url_(std::move(url)),
      url_text_(url_.to_string()),
      addresses_(std::move(addresses)),
      handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
  apply_policy(settings);
  apply_request(time_left);
  apply_headers();
  apply_addresses();
}

void Transfer::apply_policy(const TransferSettings& settings) {
  CURL* handle = handle_.get();
  set(handle, CURLOPT_PRIVATE, static_cast<void*>(this));
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_PROXY, "");  // none, whatever the environment says
  set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings.ca_file.empty()) set(handle, CURLOPT_CAINFO, settings.ca_file.c_str());
  set(handle, CURLOPT_USERAGENT, settings.user_agent.c_str());
  set(handle, CURLOPT_ACCEPT_ENCODING,
      "");  // all that curl can undo; the limit counts what comes out
  set(handle, CURLOPT_BUFFERSIZE, receive_buffer_bytes);
  set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  set(handle, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(handle, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(handle, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(handle, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
}

void Transfer::apply_request(Duration time_left) {
  CURL* handle = handle_.get();
  set(handle, CURLOPT_URL, url_text_.c_str());
  set(handle, CURLOPT_TIMEOUT_MS,
      static_cast<long>(std::max<Duration>(time_left, Duration{1}).count()));
  set(handle, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::max<Duration>(call_.connect_timeout, Duration{1}).count()));
  if (has_body(call_)) {
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    set(handle, CURLOPT_POSTFIELDS, call_.body.data());
  }
  if (call_.method == "HEAD") set(handle, CURLOPT_NOBODY, 1L);
  set(handle, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
  // curl repeats a request by itself when a kept connection turns out to be dead; a new one never
  // is.
  if (!may_be_resent(call_)) set(handle, CURLOPT_FRESH_CONNECT, 1L);
}

void Transfer::append(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list.release();  // NOLINT(bugprone-unused-return-value): `longer` begins with it
  list.reset(longer);
}

void Transfer::apply_headers() {
  bool accept = false;
  bool content_type = false;
  for (const HttpField& field : call_.headers) {
    if (is_managed(field.name)) continue;
    accept = accept || same_name(field.name, "accept");
    content_type = content_type || same_name(field.name, "content-type");
    // "Name:" would delete one of curl's own; "Name;" is how it spells an empty value.
    append(headers_, field.value.empty() ? field.name + ";" : field.name + ": " + field.value);
  }
  append(headers_, "Expect:");  // no waiting for 100 Continue
  if (!accept) append(headers_, "Accept: */*");
  if (!content_type) append(headers_, "Content-Type:");  // none instead of curl's guess
  set(handle_.get(), CURLOPT_HTTPHEADER, headers_.get());
}

// With every name pinned curl never resolves one, so it needs no resolver thread either.
void Transfer::apply_addresses() {
  if (url_.address) return;
  // "+": the entry leaves curl's cache after its usual minute instead of never.
  std::string entry = fmt::format("+{}:{}:", url_.host, url_.port);
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const std::string text = addresses_[i].to_string();
    entry +=
        fmt::format("{}{}", i == 0 ? "" : ",", addresses_[i].is_v4() ? text : "[" + text + "]");
  }
  append(pinned_, entry);
  set(handle_.get(), CURLOPT_RESOLVE, pinned_.get());
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& mine = *static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  mine.header_bytes_ += line.size();
  if (mine.header_bytes_ > max_header_bytes) {
    mine.oversize_ = true;
    return 0;
  }
  if (line.starts_with("HTTP/"))
    mine.reply_.headers.clear();  // what came with a 1xx is not the reply's
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    mine.reply_.headers.push_back(
        {std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  }
  return line.size();
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& mine = *static_cast<Transfer*>(self);
  const std::string_view bytes(data, size * count);
  const std::size_t room = mine.call_.response_limit - mine.reply_.body.size();
  mine.reply_.body.append(bytes.substr(0, room));
  if (bytes.size() <= room) return bytes.size();
  mine.oversize_ = true;
  return 0;  // ends the transfer
}

curl_socket_t Transfer::on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  auto& mine = *static_cast<Transfer*>(self);
  const auto target = IpAddress::from(address->addr);
  if (purpose != CURLSOCKTYPE_IPCXN || !target ||
      std::ranges::find(mine.addresses_, *target) == mine.addresses_.end()) {
    mine.refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::expected<HttpReply, HttpFailure> Transfer::outcome(CURLcode result) {
  const bool cut_on_purpose = oversize_ && call_.oversize == Oversize::truncate &&
                              header_bytes_ <= max_header_bytes && result == CURLE_WRITE_ERROR;
  if (result != CURLE_OK && !cut_on_purpose) return std::unexpected(failure(result));
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  reply_.status = static_cast<unsigned>(status);
  reply_.truncated = cut_on_purpose;
  reply_.url = url_text_;
  return std::move(reply_);
}

HttpFailure Transfer::failure(CURLcode result) const {
  const auto failed = [&](HttpCause cause, std::string_view what) {
    return HttpFailure{cause, fmt::format("{} {}", url_.host, what)};
  };
  if (refused_)
    return failed(HttpCause::refused_by_guard, "led to an address that was not checked");
  if (oversize_) return failed(HttpCause::too_large, "sent more than the call takes");
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
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return failed(HttpCause::tls,
                    fmt::format("failed the TLS check: {}", curl_easy_strerror(result)));
    default:
      return failed(HttpCause::connection_lost,
                    fmt::format("broke the exchange off: {}", curl_easy_strerror(result)));
  }
}

}  // namespace bellpull
