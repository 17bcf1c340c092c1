#include "egress/transfer_loop.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <curl/curl.h>
#include <curl/multi.h>

#include "base/task.h"
#include "egress/socket_watches.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

CURLM* new_multi() {
  // Not thread-safe before curl 7.84, and cheap when it has been done.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) throw std::runtime_error(curl_easy_strerror(initialised));
  CURLM* multi = curl_multi_init();
  if (multi == nullptr) throw std::bad_alloc();
  return multi;
}

}  // namespace

TransferLoop::Stay::Stay(TransferLoop& loop, CURL* handle)
    : loop_(loop), handle_(handle), done_(loop.executor_, asio::steady_timer::time_point::max()) {
  curl_easy_setopt(handle_, CURLOPT_PRIVATE, static_cast<void*>(this));
  if (const CURLMcode code = curl_multi_add_handle(loop_.multi_.get(), handle_); code != CURLM_OK) {
    throw std::runtime_error(curl_multi_strerror(code));
  }
  ++loop_.size_;
}

TransferLoop::Stay::~Stay() {
  curl_multi_remove_handle(loop_.multi_.get(), handle_);
  --loop_.size_;
}

Task<std::optional<CURLcode>> TransferLoop::Stay::result() {
  boost::system::error_code woken;
  co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_return result_;
}

Task<std::optional<CURLcode>> TransferLoop::perform(CURL* handle) {
  Stay stay(*this, handle);
  co_return co_await stay.result();
}

TransferLoop::TransferLoop(const asio::any_io_executor& executor, std::size_t max_connections)
    : executor_(executor),
      watches_(executor,
               [this](int socket, Readiness ready) {
                 act(socket, (ready.readable ? CURL_CSELECT_IN : 0) |
                                 (ready.writable ? CURL_CSELECT_OUT : 0));
               }),
      timer_(std::make_shared<asio::steady_timer>(executor)),
      multi_(new_multi()) {
  CURLM* multi = multi_.get();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &TransferLoop::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &TransferLoop::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  // Transfers above the limit wait for a connection; the cache may hold as many.
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(max_connections));
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

TransferLoop::~TransferLoop() = default;

int TransferLoop::on_socket(CURL* /*handle*/, curl_socket_t socket, int what, void* self,
                            void* /*mine*/) {
  const bool both = what == CURL_POLL_INOUT;
  static_cast<TransferLoop*>(self)->watches_.set(
      socket,
      {.readable = both || what == CURL_POLL_IN, .writable = both || what == CURL_POLL_OUT});
  return 0;
}

int TransferLoop::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
  auto& mine = *static_cast<TransferLoop*>(self);
  if (timeout_ms < 0) {
    mine.timer_->cancel();
    return 0;
  }
  mine.timer_->expires_after(std::chrono::milliseconds{timeout_ms});
  mine.timer_->async_wait(
      [&mine, weak = std::weak_ptr(mine.timer_)](const boost::system::error_code& error) {
        if (!error && !weak.expired()) mine.act(CURL_SOCKET_TIMEOUT, 0);
      });
  return 0;
}

void TransferLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), socket, events, &running);
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* of = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &of);
    auto& stay = *static_cast<Stay*>(of);
    stay.result_ = message->data.result;
    stay.done_.cancel();  // its coroutine resumes later, never inside of curl
  }
}

}  // namespace bellpull
