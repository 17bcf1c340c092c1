// Finds the end of a request head while it arrives, and refuses what Beast's parser would let
// pass: obs-fold. A line feed without its carriage return is refused at once, not after a time-out.
//
// Cost: every byte is looked at once, however small the pieces are in which it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bellpull {

class HeadScan {
 public:
  enum class State : std::uint8_t { incomplete, complete, bad_line_ending, folded_line };

  // `bytes` is the whole request so far, the same bytes as last time and more.
  State advance(std::string_view bytes);

  // The size of the complete head, its empty line included; of one that is not, what has been
  // looked at, up to what is wrong with it.
  std::size_t size() const { return next_; }
  // Lines seen after the request line.
  std::size_t fields() const { return lines_ == 0 ? 0 : lines_ - 1; }
  void reset() { *this = HeadScan{}; }

 private:
  std::size_t next_ = 0;  // bytes before it have been looked at
  std::size_t line_ = 0;  // where the current line starts
  std::size_t lines_ = 0;
};

}  // namespace bellpull
