#include "load_connection.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "load_plan.h"
#include "request_text.h"

namespace bellpull {

LoadConnection::LoadConnection(const LoadPlan& plan, std::size_t index, int epoll)
    : port_(plan.port), index_(index), epoll_(epoll), request_(plan, index) {}

LoadConnection::~LoadConnection() { close(); }

bool LoadConnection::open() {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    close();
    return false;
  }
  watches_writable_ = true;
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.ptr = this}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &event);
  return true;
}

void LoadConnection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  reply_.clear();
  unsent_ = {};
}

void LoadConnection::watch(bool writable) {
  if (writable == watches_writable_) return;
  watches_writable_ = writable;
  epoll_event event{.events = EPOLLIN | (writable ? static_cast<std::uint32_t>(EPOLLOUT) : 0U),
                    .data = {.ptr = this}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_, &event);
}

void LoadConnection::send(std::int64_t number, double due_at, double now) {
  number_ = number;
  due_at_ = due_at;
  busy_ = true;
  request_.set_number(number);
  resend(now);
}

void LoadConnection::resend(double now) {
  sent_at_ = now;
  unsent_ = request_.text();
  if (is_open()) write();
}

void LoadConnection::write() {
  while (!unsent_.empty()) {
    const ssize_t sent = ::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN || errno == ENOTCONN) {
        watch(true);
      } else {
        close();
      }
      return;
    }
    unsent_.remove_prefix(static_cast<std::size_t>(sent));
  }
  watch(false);
}

// False when the other side has closed.
bool LoadConnection::read() {
  std::array<char, 4096> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (got < 0) return errno == EAGAIN;
  if (got == 0) return false;
  reply_.feed({bytes.data(), static_cast<std::size_t>(got)});
  return true;
}

std::optional<LoadConnection::Answer> LoadConnection::on_event(std::uint32_t events) {
  if ((events & EPOLLIN) != 0) {
    if (!read()) {
      close();
      return std::nullopt;
    }
    if (const auto message = reply_.next()) {
      Answer answer{message->status(), std::string{message->header("x-event-id")}};
      if (message->header("connection") == "close") close();
      return answer;
    }
    return std::nullopt;
  }
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    close();
  } else if ((events & EPOLLOUT) != 0) {
    write();
  }
  return std::nullopt;
}

}  // namespace bellpull
