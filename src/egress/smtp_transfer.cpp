#include "egress/smtp_transfer.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <fmt/core.h>

#include "base/encoding.h"
#include "base/time.h"
#include "egress/guarded_handle.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/redaction.h"
#include "egress/smtp_call.h"
#include "egress/smtp_reply.h"

namespace bellpull {

namespace {

curl_usessl use_tls(StartTls start_tls) {
  switch (start_tls) {
    case StartTls::never:
      return CURLUSESSL_NONE;
    case StartTls::when_offered:
      return CURLUSESSL_TRY;
    case StartTls::required:
      break;
  }
  return CURLUSESSL_ALL;
}

}  // namespace

Redactor redactor_for(const SmtpRelay& relay) {
  if (relay.password.empty()) return Redactor({});
  return Redactor({relay.password, to_base64(relay.password),
                   to_base64('\0' + relay.user + '\0' + relay.password)});
}

SmtpTransfer::SmtpTransfer(const SmtpRelay& relay, std::vector<IpAddress> addresses,
                           Duration time_left)
    : relay_(relay),
      redact_(redactor_for(relay)),
      handle_(relay.url, std::move(addresses), "smtp,smtps", relay.ca_file) {
  const auto limit = static_cast<long>(std::max<Duration>(time_left, Duration{1}).count());
  handle_.set(CURLOPT_CONNECT_ONLY, 1L);
  handle_.set(CURLOPT_TIMEOUT_MS, limit);
  // A relay may let strangers wait before it greets them.
  handle_.set(CURLOPT_CONNECTTIMEOUT_MS, limit);
  handle_.set(CURLOPT_USE_SSL, static_cast<long>(use_tls(relay.start_tls)));
  if (!relay.user.empty()) {
    handle_.set(CURLOPT_USERNAME, relay.user.c_str());
    handle_.set(CURLOPT_PASSWORD, relay.password.c_str());
  }
  handle_.set(CURLOPT_HEADERFUNCTION, &SmtpTransfer::on_line);
  handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
}

std::size_t SmtpTransfer::on_line(char* data, std::size_t size, std::size_t count, void* self) {
  auto& mine = *static_cast<SmtpTransfer*>(self);
  const std::string_view line(data, size * count);
  // What was offered before STARTTLS is not what is offered after it.
  if (line.starts_with("220")) mine.offers_login_ = false;
  if (line.starts_with("250") && line.size() > 8 && same_name(line.substr(4, 4), "AUTH")) {
    mine.offers_login_ = true;
  }
  mine.last_line_ = line.substr(0, 1024);
  return line.size();
}

SmtpOutcome SmtpTransfer::failed(SmtpCause cause, std::string_view what) const {
  return {.end = SmtpEnd::not_reached,
          .cause = cause,
          .text = fmt::format("The mail relay {} {}", relay_.url.host, what)};
}

std::optional<SmtpOutcome> SmtpTransfer::failure(CURLcode result) const {
  const std::string said = redact_(readable(last_line_));
  if (handle_.refused()) {
    return failed(SmtpCause::guard, "led to an address that was not checked");
  }
  if (is_tls_failure(result)) {
    return failed(SmtpCause::tls,
                  fmt::format("failed the TLS check: {}", curl_easy_strerror(result)));
  }
  switch (result) {
    case CURLE_OK:
      // curl goes on without a login where none is offered.
      if (relay_.user.empty() || offers_login_) return std::nullopt;
      return failed(SmtpCause::login, "offers no login, but mail.user is set");
    case CURLE_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case CURLE_COULDNT_CONNECT:
      return failed(SmtpCause::connect, "does not accept the connection");
    case CURLE_OPERATION_TIMEDOUT:
      return failed(SmtpCause::timeout, "did not answer in time");
    case CURLE_USE_SSL_FAILED:
      return failed(SmtpCause::tls, "offers no STARTTLS, which mail.starttls requires");
    case CURLE_LOGIN_DENIED:
      return failed(SmtpCause::login, fmt::format("did not accept the login: {}", said));
    default:
      return failed(SmtpCause::connection_lost,
                    said.empty() ? fmt::format("broke off: {}", curl_easy_strerror(result))
                                 : fmt::format("broke off after it said: {}", said));
  }
}

}  // namespace bellpull
