#include "egress/smtp_reply.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"

namespace bellpull {

namespace {

constexpr std::size_t max_reply_bytes = 16 * std::size_t{1024};
constexpr std::size_t max_text_bytes = 500;  // that people get to read

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string readable(std::string_view text) {
  const bool is_text = is_utf8(text);
  std::string result;
  for (const char c : text.substr(0, max_text_bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_control = byte < 0x20 || byte == 0x7F;
    result += is_control ? ' ' : (byte >= 0x80 && !is_text) ? '?' : c;
  }
  // The cut may have gone through a character.
  while (!is_utf8(result)) result.pop_back();
  while (result.ends_with(' ')) result.pop_back();
  return result;
}

std::optional<SmtpReply> SmtpReplyReader::read(std::string_view bytes) {
  buffer_ += bytes;
  for (std::size_t end = 0; !broken_ && (end = buffer_.find('\n')) != std::string::npos;) {
    const std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (take_line(line)) {
      reply_.text = readable(reply_.text);
      return std::exchange(reply_, {});
    }
  }
  broken_ = broken_ || buffer_.size() + reply_.text.size() > max_reply_bytes;
  return std::nullopt;
}

// Gives true at the reply's last line.
bool SmtpReplyReader::take_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool has_code = line.size() >= 3 && std::ranges::all_of(line.substr(0, 3), is_digit);
  const bool goes_on = line.size() > 3 && line[3] == '-';
  if (!has_code || (line.size() > 3 && !goes_on && line[3] != ' ')) {
    broken_ = true;
    return false;
  }
  reply_.code = static_cast<unsigned>((line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0');
  if (!reply_.text.empty()) reply_.text += ' ';
  if (line.size() > 4) reply_.text += line.substr(4);
  return !goes_on;
}

}  // namespace bellpull
