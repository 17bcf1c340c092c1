// The bytes of a request. Only its number changes from one to the next, so a connection keeps one
// text and writes the digits into it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load_plan.h"

namespace bellpull {

class RequestText {
 public:
  RequestText(const LoadPlan& plan, std::size_t connection);

  void set_number(std::int64_t number);
  std::string_view text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::size_t> number_at_;
};

// Empty when its connection has none.
std::string session_name(const LoadPlan& plan, std::size_t connection);

}  // namespace bellpull
