// Replies of a mail relay, read from its lines: "250-one", "250 two".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bellpull {

struct SmtpReply {
  unsigned code = 0;
  std::string text;  // its lines, joined by blanks; what people cannot read is gone

  bool is_positive() const { return code >= 200 && code < 300; }
  bool is_for_now() const { return code >= 400 && code < 500; }
};

// Collects bytes until a reply is complete.
class SmtpReplyReader {
 public:
  // The reply that `bytes` complete; nothing when more must come. What follows it stays for the
  // next.
  std::optional<SmtpReply> read(std::string_view bytes);
  // Whether what came is no reply, or one without an end.
  bool is_broken() const { return broken_; }

 private:
  bool take_line(std::string_view line);

  std::string buffer_;
  SmtpReply reply_;
  bool broken_ = false;
};

// A relay's words for people: no control characters, valid UTF-8, not too long.
std::string readable(std::string_view text);

}  // namespace bellpull
