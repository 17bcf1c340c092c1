#include "http/head_scan.h"

#include <cstddef>
#include <string_view>

namespace bellpull {

HeadScan::State HeadScan::advance(std::string_view bytes) {
  while (true) {
    const bool line_starts = line_ < bytes.size() && lines_ > 0;
    if (line_starts && (bytes[line_] == ' ' || bytes[line_] == '\t')) {
      next_ = line_ + 1;
      return State::folded_line;
    }
    const std::size_t feed = bytes.find('\n', next_);
    if (feed == std::string_view::npos) {
      next_ = bytes.size();
      return State::incomplete;
    }
    next_ = feed + 1;
    if (feed == 0 || bytes[feed - 1] != '\r' || feed == line_) return State::bad_line_ending;
    const bool empty_line = feed == line_ + 1;
    line_ = next_;
    if (empty_line) return State::complete;
    ++lines_;
  }
}

}  // namespace bellpull
