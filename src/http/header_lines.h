// The header fields of a reply, as the lines they are sent as: one text however many there are.
//
// Invariant: no name or value can end its line early or start another; what could is a blank.
#pragma once

#include <string>
#include <string_view>

namespace bellpull {

class HeaderLines {
 public:
  void add(std::string_view name, std::string_view value);
  // Whether there is a field of that name, in any case.
  bool has(std::string_view name) const;
  // "Name: value" and CR LF, field after field.
  std::string_view text() const { return lines_; }

 private:
  std::string lines_;
};

}  // namespace bellpull
