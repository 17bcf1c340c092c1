// Reads `text/event-stream` (server-sent events) from pieces of any size.
//
// As the HTML standard has it: lines end in LF, CR or CRLF, a byte order mark at the beginning and
// comments are skipped, several `data` lines are joined by a line break, and an event without data
// is none, though its id and `retry` count.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace bellpull {

struct StreamEvent {
  std::string type = "message";
  std::string data;
};

struct EventStreamLimits {
  std::size_t line_bytes = std::size_t{4} << 20;
  std::size_t event_bytes = std::size_t{4} << 20;  // of all its data
};

class EventStreamReader {
 public:
  using OnEvent = std::function<void(const StreamEvent& event)>;

  explicit EventStreamReader(OnEvent on_event, EventStreamLimits limits = {});

  // Gives false when a line or an event is larger than the limits; nothing is read after that.
  bool feed(std::string_view piece);

  // Of the newest event that was complete, for Last-Event-ID; empty when none had an id.
  const std::string& last_event_id() const { return last_id_; }
  // How long to wait before asking again, when the server said so.
  std::optional<Duration> retry() const { return retry_; }

 private:
  bool take(char c);
  bool end_line();
  bool read_field(std::string_view name, std::string_view value);
  void dispatch();

  const OnEvent on_event_;
  const EventStreamLimits limits_;

  std::string line_;
  std::string type_;
  std::string data_;
  std::string id_;
  std::string last_id_;
  std::optional<Duration> retry_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool is_first_line_ = true;
  bool is_broken_ = false;
};

}  // namespace bellpull
