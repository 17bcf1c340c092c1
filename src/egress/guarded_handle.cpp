#include "egress/guarded_handle.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <curl/easy.h>
#include <fmt/core.h>

#include "egress/ip_address.h"
#include "egress/url.h"

namespace bellpull {

void CurlList::append(const std::string& line) {
  curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list_.release();  // NOLINT(bugprone-unused-return-value): `longer` begins with it
  list_.reset(longer);
}

GuardedHandle::GuardedHandle(const Url& url, std::vector<IpAddress> addresses,
                             const char* protocols, const std::string& ca_file)
    : url_text_(url.to_string()), addresses_(std::move(addresses)), handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
  set(CURLOPT_URL, url_text_.c_str());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, protocols);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // none, whatever the environment says
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_OPENSOCKETFUNCTION, &GuardedHandle::on_open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  pin(url);
}

// With every name pinned curl never resolves one, so it needs no resolver thread either.
void GuardedHandle::pin(const Url& url) {
  if (url.address) return;
  // "+": the entry leaves curl's cache after its usual minute instead of never.
  std::string entry = fmt::format("+{}:{}:", url.host, url.port);
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const std::string text = addresses_[i].to_string();
    entry +=
        fmt::format("{}{}", i == 0 ? "" : ",", addresses_[i].is_v4() ? text : "[" + text + "]");
  }
  pinned_.append(entry);
  set(CURLOPT_RESOLVE, pinned_.get());
}

void GuardedHandle::check(CURLoption option, CURLcode result) {
  if (result == CURLE_OK) return;
  // An option that does not take effect may be one that the guard relies on.
  throw std::runtime_error(
      fmt::format("curl option {}: {}", static_cast<int>(option), curl_easy_strerror(result)));
}

curl_socket_t GuardedHandle::on_open_socket(void* self, curlsocktype purpose,
                                            curl_sockaddr* address) {
  auto& mine = *static_cast<GuardedHandle*>(self);
  const auto target = IpAddress::from(address->addr);
  if (purpose != CURLSOCKTYPE_IPCXN || !target ||
      std::ranges::find(mine.addresses_, *target) == mine.addresses_.end()) {
    mine.refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool is_tls_failure(CURLcode result) {
  switch (result) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return true;
    default:
      return false;
  }
}

}  // namespace bellpull
