// Lines from pieces of any size.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace bellpull {

class LineReader {
 public:
  using OnLine = std::function<void(std::string_view line)>;

  LineReader(std::size_t max_bytes, OnLine on_line)
      : max_bytes_(max_bytes), on_line_(std::move(on_line)) {}

  // Gives false when a line is longer than the limit; what it had is dropped, and the rest of it is
  // skipped by those who go on.
  bool feed(std::string_view piece) {
    bool fits = true;
    while (!piece.empty()) {
      const std::size_t end = piece.find('\n');
      const std::string_view part = piece.substr(0, end);
      if (!skips_ && line_.size() + part.size() > max_bytes_) {
        fits = false;
        skips_ = true;
        line_.clear();
      }
      if (!skips_) line_ += part;
      if (end == std::string_view::npos) break;
      if (!skips_) on_line_(without_cr());
      skips_ = false;
      line_.clear();
      piece.remove_prefix(end + 1);
    }
    return fits;
  }

 private:
  std::string_view without_cr() const {
    std::string_view line = line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  const std::size_t max_bytes_;
  const OnLine on_line_;
  std::string line_;
  bool skips_ = false;  // until the end of a line that was too long
};

}  // namespace bellpull
