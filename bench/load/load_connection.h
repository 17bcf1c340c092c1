// One keep-alive connection with at most one request under way.
//
// Lifetime: inside its Load, which polls it. Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "load_plan.h"
#include "message_reader.h"
#include "request_text.h"

namespace bellpull {

class LoadConnection {
 public:
  LoadConnection(const LoadPlan& plan, std::size_t index, int epoll);
  ~LoadConnection();
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;

  std::size_t index() const { return index_; }
  bool is_open() const { return socket_ >= 0; }
  bool is_busy() const { return busy_; }
  std::int64_t number() const { return number_; }
  double due_at() const { return due_at_; }
  double sent_at() const { return sent_at_; }

  // Begins to connect; false when that fails at once.
  bool open();
  void close();

  // `due_at`: the time from which its answer is measured.
  void send(std::int64_t number, double due_at, double now);
  // The same request once more, on this connection or a new one.
  void resend(double now);
  void forget() { busy_ = false; }

  // What an event of the poll brought: an answer, nothing yet, or (is_open() is false) the end.
  struct Answer {
    int status = 0;
    std::string event_id;
  };
  std::optional<Answer> on_event(std::uint32_t events);

 private:
  void write();
  bool read();
  void watch(bool writable);

  const std::uint16_t port_;
  const std::size_t index_;
  const int epoll_;
  RequestText request_;
  MessageReader reply_;
  int socket_ = -1;
  bool busy_ = false;
  bool watches_writable_ = false;
  std::int64_t number_ = 0;
  double due_at_ = 0;
  double sent_at_ = 0;
  std::string_view unsent_;
};

}  // namespace bellpull
