// A curl handle that is given no freedom, whatever protocol it speaks.
//
// It may connect to the addresses it was made with only: they are pinned, and compared again when a
// socket is opened. It reads no proxy, netrc or cookie file, and whom it speaks TLS with must prove
// who they are.
//
// Lifetime: what is set on it is borrowed, so it is the last member of its owner and goes first.
// It never moves. Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <curl/curl.h>

#include "egress/ip_address.h"
#include "egress/url.h"

namespace bellpull {

// A list of lines as curl takes it.
class CurlList {
 public:
  void append(const std::string& line);
  curl_slist* get() const { return list_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  std::unique_ptr<curl_slist, Free> list_;
};

class GuardedHandle {
 public:
  // `addresses` are what `url` may connect to; `protocols` is curl's list of what it may speak;
  // `ca_file` is PEM, empty for the system's.
  GuardedHandle(const Url& url, std::vector<IpAddress> addresses, const char* protocols,
                const std::string& ca_file);
  GuardedHandle(const GuardedHandle&) = delete;
  GuardedHandle& operator=(const GuardedHandle&) = delete;

  CURL* get() const { return handle_.get(); }

  // Throws std::runtime_error when curl does not take the option.
  template <class Value>
  void set(CURLoption option, Value value) {
    check(option, curl_easy_setopt(handle_.get(), option, value));
  }

  // Whether curl wanted to connect to an address that was not checked.
  bool refused() const { return refused_; }

 private:
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  static void check(CURLoption option, CURLcode result);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  void pin(const Url& url);

  const std::string url_text_;
  const std::vector<IpAddress> addresses_;
  CurlList pinned_;
  bool refused_ = false;
  // Last, so that it goes first: curl may touch what it borrowed until its cleanup.
  std::unique_ptr<CURL, Free> handle_;
};

// Whether the connection failed for its TLS.
bool is_tls_failure(CURLcode result);

}  // namespace bellpull
