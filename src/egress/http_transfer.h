// One HTTP exchange as a curl handle: a checked call in, reply or failure out. The reply's body is
// collected, or goes piece by piece to whoever consumes it.
//
// Beside the guarded handle's rules, it follows no redirect and speaks nothing but HTTP/1.1.
//
// Lifetime: the handle borrows the members, so a transfer never moves. Threads: one.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/time.h"
#include "egress/guarded_handle.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/url.h"

namespace bellpull {

struct TransferSettings {
  std::string user_agent = "bellpull";
  std::string ca_file;  // PEM; empty: the system's
};

class HttpTransfer {
 public:
  // `addresses` are what `url` may connect to; `time_left` is until the call's deadline. Without a
  // `consumer` the reply holds the body.
  HttpTransfer(HttpCall call, Url url, std::vector<IpAddress> addresses, Duration time_left,
               const TransferSettings& settings, BodyConsumer consumer = {});
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  CURL* handle() const { return handle_.get(); }
  std::expected<HttpReply, HttpFailure> outcome(CURLcode result);
  // The call back, for its next hop; only when the exchange is over.
  HttpCall take_call() { return std::move(call_); }

 private:
  void apply_policy(const TransferSettings& settings);
  void apply_request(Duration time_left);
  void apply_headers();
  HttpFailure failure(CURLcode result) const;

  template <typename Take>
  bool guarded(Take take);
  bool take_header(std::string_view line);
  bool take(std::string_view bytes);
  void read_status();

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);

  HttpCall call_;
  const Url url_;
  CurlList headers_;

  const BodyConsumer consumer_;

  HttpReply reply_;
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  bool oversize_ = false;
  bool enough_ = false;                // the consumer wants no more
  std::optional<std::string> thrown_;  // by the consumer, against its word
  GuardedHandle handle_;               // last: it borrows the rest
};

}  // namespace bellpull
