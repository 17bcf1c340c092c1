// Reads HTTP/1.1 messages with a Content-Length: the only ones that the measured servers send here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bellpull {

class MessageReader {
 public:
  // Adds what the socket gave.
  void feed(std::string_view bytes) { buffer_.append(bytes); }

  // Takes the next whole message off, if there is one. Its views live until the next call.
  struct Message {
    std::string_view first_line;
    std::string_view head;
    std::string_view body;

    int status() const;  // of a reply; 0 when it has none
    std::string_view header(std::string_view lower_case_name) const;
  };
  std::optional<Message> next();

  bool is_empty() const { return buffer_.size() == taken_; }
  void clear();

 private:
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace bellpull
