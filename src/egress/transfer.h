// One HTTP exchange as a curl handle: a checked call in, reply or failure out.
//
// curl is given no freedom: the addresses are pinned and compared again when a socket is opened, it
// follows no redirect, reads no proxy, netrc or cookie file, and speaks nothing but HTTP/1.1.
//
// Lifetime: the handle borrows the members, so a transfer never moves. Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/time.h"
#include "egress/http_call.h"
#include "egress/ip_address.h"
#include "egress/url.h"

namespace bellpull {

struct TransferSettings {
  std::string user_agent = "bellpull";
  std::string ca_file;  // PEM; empty: the system's
};

class Transfer {
 public:
  // `addresses` are what `url` may connect to; `time_left` is until the call's deadline.
  Transfer(HttpCall call, Url url, std::vector<IpAddress> addresses, Duration time_left,
           const TransferSettings& settings);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() { return handle_.get(); }
  std::expected<HttpReply, HttpFailure> outcome(CURLcode result);
  // The call back, for its next hop; only when the exchange is over.
  HttpCall take_call() { return std::move(call_); }

 private:
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, Free>;

  void apply_policy(const TransferSettings& settings);
  void apply_request(Duration time_left);
  void apply_headers();
  void apply_addresses();
  void append(List& list, const std::string& line);
  HttpFailure failure(CURLcode result) const;

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  HttpCall call_;
  const Url url_;
  const std::string url_text_;
  const std::vector<IpAddress> addresses_;
  List headers_;
  List pinned_;

  HttpReply reply_;
  std::size_t header_bytes_ = 0;
  bool oversize_ = false;
  bool refused_ = false;
  // Last, so that it goes first: curl may touch what it borrowed until its cleanup.
  std::unique_ptr<CURL, Free> handle_;
};

}  // namespace bellpull
