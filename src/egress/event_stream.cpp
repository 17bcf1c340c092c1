#include "egress/event_stream.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

namespace bellpull {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t max_id_bytes = 1024;  // it is sent back as a header
constexpr std::int64_t longest_retry_ms = 60'000;

}  // namespace

EventStreamReader::EventStreamReader(OnEvent on_event, EventStreamLimits limits)
    : on_event_(std::move(on_event)), limits_(limits) {}

bool EventStreamReader::feed(std::string_view piece) {
  for (const char c : piece) {
    if (is_broken_) break;
    is_broken_ = !take(c);
  }
  return !is_broken_;
}

bool EventStreamReader::take(char c) {
  const bool ends_crlf = after_cr_ && c == '\n';
  after_cr_ = c == '\r';
  if (ends_crlf) return true;  // the CR has ended the line
  if (c == '\n' || c == '\r') return end_line();
  line_ += c;
  return line_.size() <= limits_.line_bytes;
}

bool EventStreamReader::end_line() {
  std::string_view line = line_;
  if (is_first_line_ && line.starts_with(byte_order_mark)) {
    line.remove_prefix(byte_order_mark.size());
  }
  is_first_line_ = false;
  bool fits = true;
  if (line.empty()) {
    dispatch();
  } else if (!line.starts_with(':')) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    fits = read_field(line.substr(0, colon), value);
  }
  line_.clear();
  return fits;
}

bool EventStreamReader::read_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
    return data_.size() <= limits_.event_bytes;
  }
  if (name == "event") type_ = value;
  // An id with a control character could not be sent back.
  const bool is_plain = std::ranges::none_of(value, [](char c) { return c >= 0 && c < 0x20; });
  if (name == "id" && is_plain && value.size() <= max_id_bytes) id_ = value;
  if (name == "retry") {
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    const bool is_number = error == std::errc{} && end == value.data() + value.size() && ms >= 0;
    if (is_number) retry_ = std::chrono::milliseconds{std::min(ms, longest_retry_ms)};
  }
  return true;
}

void EventStreamReader::dispatch() {
  last_id_ = id_;
  StreamEvent event;
  if (!type_.empty()) event.type = std::move(type_);
  event.data = std::move(data_);
  type_.clear();
  data_.clear();
  has_data_ = false;
  if (!event.data.empty()) on_event_(event);
}

}  // namespace bellpull
