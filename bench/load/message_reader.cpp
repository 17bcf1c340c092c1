#include "message_reader.h"

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

namespace bellpull {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with_name(std::string_view line, std::string_view lower_case_name) {
  if (line.size() <= lower_case_name.size() || line[lower_case_name.size()] != ':') return false;
  for (std::size_t i = 0; i < lower_case_name.size(); ++i) {
    if (to_lower(line[i]) != lower_case_name[i]) return false;
  }
  return true;
}

}  // namespace

int MessageReader::Message::status() const {
  constexpr std::string_view version = "HTTP/1.1 ";
  int status = 0;
  if (!first_line.starts_with(version)) return 0;
  std::from_chars(first_line.data() + version.size(), first_line.data() + first_line.size(),
                  status);
  return status;
}

std::string_view MessageReader::Message::header(std::string_view lower_case_name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const std::size_t end = rest.find(line_end);
    std::string_view line = rest.substr(0, end);
    if (starts_with_name(line, lower_case_name)) {
      line.remove_prefix(lower_case_name.size() + 1);
      while (line.starts_with(' ')) line.remove_prefix(1);
      return line;
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + line_end.size());
  }
  return {};
}

std::optional<MessageReader::Message> MessageReader::next() {
  const std::string_view rest = std::string_view{buffer_}.substr(taken_);
  const std::size_t end = rest.find(head_end);
  if (end == std::string_view::npos) {
    buffer_.erase(0, taken_);
    taken_ = 0;
    return std::nullopt;
  }
  Message message{.head = rest.substr(0, end)};
  message.first_line = message.head.substr(0, message.head.find(line_end));
  const std::string_view length_text = message.header("content-length");
  std::size_t length = 0;
  std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  const std::size_t size = end + head_end.size() + length;
  if (rest.size() < size) return std::nullopt;
  message.body = rest.substr(end + head_end.size(), length);
  taken_ += size;
  return message;
}

void MessageReader::clear() {
  buffer_.clear();
  taken_ = 0;
}

}  // namespace bellpull
