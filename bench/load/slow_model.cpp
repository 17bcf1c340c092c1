#include "slow_model.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <fmt/core.h>

namespace bellpull {

namespace {

constexpr int poll_ms = 20;
constexpr double tell_every_s = 0.5;

constexpr std::string_view answer_body =
    R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"slow","choices":[)"
    R"({"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"Done.",)"
    R"("tool_calls":[{"id":"call_1","type":"function","function":{"name":"_success",)"
    R"("arguments":"{\"reason\":\"done\"}"}}]}}],)"
    R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void check(bool worked, const char* what) {
  if (!worked) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

SlowModel::SlowModel(double delay_s, const std::atomic<bool>& interrupted)
    : delay_s_(delay_s), interrupted_(interrupted), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

SlowModel::~SlowModel() {
  for (const auto& [number, client] : clients_) ::close(client->socket);
  if (listener_ >= 0) ::close(listener_);
  ::close(epoll_);
}

std::uint16_t SlowModel::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  check(listener_ >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  check(::bind(listener_, generic, size) == 0, "bind");
  check(::listen(listener_, 4096) == 0, "listen");
  check(::getsockname(listener_, generic, &size) == 0, "getsockname");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
  check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) == 0, "epoll_ctl");
  return ntohs(address.sin_port);
}

void SlowModel::accept_clients() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::uint64_t number = ++last_client_;
    clients_[number] = std::make_unique<Client>(Client{.socket = socket, .reader = {}});
    epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
    check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0, "epoll_ctl");
  }
}

void SlowModel::read(std::uint64_t number) {
  const auto found = clients_.find(number);
  if (found == clients_.end()) return;
  Client& client = *found->second;
  std::array<char, 16384> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
  const ssize_t got = ::recv(client.socket, bytes.data(), bytes.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    drop(number);
    return;
  }
  client.reader.feed({bytes.data(), static_cast<std::size_t>(got)});
  while (client.reader.next()) due_.push_back({steady_seconds() + delay_s_, number});
}

void SlowModel::answer_due() {
  const double now = steady_seconds();
  for (; !due_.empty() && due_.front().at_s <= now; due_.pop_front()) {
    const auto found = clients_.find(due_.front().client);
    if (found == clients_.end()) continue;
    const std::string reply = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        answer_body.size(), answer_body);
    // One small reply at a time always fits the socket's buffer.
    if (::send(found->second->socket, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) {
      drop(found->first);
      continue;
    }
    ++answered_;
  }
}

void SlowModel::drop(std::uint64_t number) {
  const auto found = clients_.find(number);
  ::close(found->second->socket);
  clients_.erase(found);
}

// For tools/bench, which waits until enough runs wait.
void SlowModel::tell_when_changed() {
  const double now = steady_seconds();
  if (now - told_at_ < tell_every_s) return;
  told_at_ = now;
  fmt::print("waiting {} answered {} connections {}\n", due_.size(), answered_, clients_.size());
  std::fflush(stdout);
}

void SlowModel::run() {
  std::array<epoll_event, 256> events;  // NOLINT(cppcoreguidelines-pro-type-member-init): output
  while (!interrupted_) {
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), poll_ms);
    for (int i = 0; i < std::max(ready, 0); ++i) {
      const std::uint64_t number = events.at(static_cast<std::size_t>(i)).data.u64;
      if (number == 0) {
        accept_clients();
      } else {
        read(number);
      }
    }
    answer_due();
    tell_when_changed();
  }
}

}  // namespace bellpull
