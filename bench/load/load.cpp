#include "load.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "load_connection.h"
#include "load_plan.h"
#include "request_text.h"

namespace bellpull {

namespace {

constexpr double longest_poll_s = 0.02;
// A connection that failed, or a refused request, is tried again after this.
constexpr double revive_pause_s = 0.02;
// Silence after which a connection is given up.
constexpr double answer_time_s = 5;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Load::Load(LoadPlan plan, const std::atomic<bool>& interrupted)
    : plan_(std::move(plan)),
      interrupted_(interrupted),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      pace_(plan_.rate),
      next_number_(plan_.first) {
  if (!plan_.journal.empty()) {
    journal_ = std::fopen(plan_.journal.c_str(), "ae");
    if (journal_ == nullptr) throw std::runtime_error("cannot write " + plan_.journal);
  }
  for (std::size_t i = 0; i < plan_.connections; ++i) {
    connections_.push_back(std::make_unique<LoadConnection>(plan_, i, epoll_));
    to_revive_.push_back(connections_.back().get());
  }
}

Load::~Load() {
  connections_.clear();
  if (journal_ != nullptr) std::fclose(journal_);
  ::close(epoll_);
}

bool Load::is_over() const {
  if (interrupted_ || now_ >= plan_.seconds) return true;
  return plan_.count > 0 && acknowledged_ >= plan_.count;
}

void Load::run() {
  started_at_ = steady_seconds();
  while (!is_over()) {
    revive();
    start_due();
    poll();
  }
  // What is under way is answered or it is not: either way the server may have kept it.
  const double end = now_ + answer_time_s;
  while (!plan_.repeats && has_open_requests() && now_ < end) poll();
}

bool Load::has_open_requests() const {
  return std::ranges::any_of(connections_, [](const auto& connection) {
    return connection->is_open() && connection->is_busy();
  });
}

// Opens what is closed, and sends again what got no 200.
void Load::revive() {
  if (to_revive_.empty() || now_ < revive_at_) return;
  revive_at_ = now_ + revive_pause_s;
  for (LoadConnection* connection : std::exchange(to_revive_, {})) {
    if (!connection->is_open() && !connection->open()) {
      lost(*connection);
    } else if (connection->is_busy()) {
      ++repeated_;
      connection->resend(now_);
      if (!connection->is_open()) lost(*connection);
    } else {
      idle_.push_back(connection);
    }
  }
}

void Load::start_due() {
  while (!idle_.empty() && pace_.is_due(now_)) {
    if (plan_.count > 0 && sent_ >= plan_.count) return;
    LoadConnection& connection = *idle_.front();
    idle_.pop_front();
    ++sent_;
    connection.send(next_number_++, pace_.take(now_), now_);
    if (!connection.is_open()) lost(connection);
  }
}

void Load::poll() {
  const double wait = idle_.empty() ? longest_poll_s : pace_.wait(now_, longest_poll_s);
  const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(wait * 1e9)};
  std::array<epoll_event, 256> events;  // NOLINT(cppcoreguidelines-pro-type-member-init): output
  const int ready =
      ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  now_ = steady_seconds() - started_at_;
  for (int i = 0; i < std::max(ready, 0); ++i) {
    auto& connection =
        *static_cast<LoadConnection*>(events.at(static_cast<std::size_t>(i)).data.ptr);
    if (const auto answer = connection.on_event(events.at(static_cast<std::size_t>(i)).events)) {
      settle(connection, *answer);
    } else if (!connection.is_open()) {
      lost(connection);
    }
  }
  if (journal_ != nullptr) std::fflush(journal_);
  if (!plan_.repeats || now_ - looked_for_silence_at_ < 1) return;
  looked_for_silence_at_ = now_;
  for (const auto& connection : connections_) {
    if (!connection->is_open() || !connection->is_busy()) continue;
    if (now_ - connection->sent_at() < answer_time_s) continue;
    connection->close();
    lost(*connection);
  }
}

void Load::settle(LoadConnection& connection, const LoadConnection::Answer& answer) {
  ++statuses_[answer.status];
  if (answer.status == 200) {
    ++acknowledged_;
    latencies_.add(connection.due_at(), now_ - connection.due_at());
    if (journal_ != nullptr) keep(connection, answer);
  } else if (plan_.repeats) {
    to_revive_.push_back(&connection);
    return;
  }
  connection.forget();
  if (connection.is_open()) {
    idle_.push_back(&connection);
  } else {
    to_revive_.push_back(&connection);
  }
}

void Load::lost(LoadConnection& connection) {
  ++connections_lost_;
  if (!plan_.repeats) connection.forget();
  std::erase(idle_, &connection);
  std::erase(to_revive_, &connection);
  to_revive_.push_back(&connection);
}

void Load::keep(const LoadConnection& connection, const LoadConnection::Answer& answer) {
  const std::string session = session_name(plan_, connection.index());
  fmt::print(journal_, "{} {} {}\n", connection.number(), session.empty() ? "-" : session,
             answer.event_id);
}

std::string Load::report() const {
  std::string statuses;
  for (const auto& [status, count] : statuses_) {
    statuses += fmt::format(R"({}"{}":{})", statuses.empty() ? "" : ",", status, count);
  }
  return fmt::format(
      R"({{"seconds":{:.3f},"sent":{},"acknowledged":{},"rate":{:.1f},"repeated":{},)"
      R"("connections_lost":{},"behind":{},"next_number":{},"statuses":{{{}}},"latency":{},)"
      R"("by_second":{}}})",
      now_, sent_, acknowledged_, static_cast<double>(acknowledged_) / std::max(now_, 1e-9),
      repeated_, connections_lost_, pace_.behind(now_), next_number_, statuses,
      latencies_.summary(), latencies_.by_second());
}

}  // namespace bellpull
