// The Date header: "Sun, 06 Nov 1994 08:49:37 GMT", written anew once a second.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/time.h"

namespace bellpull {

// Threads: one.
class HttpDate {
 public:
  // Valid until the next call.
  std::string_view at(TimePoint now);

 private:
  std::chrono::sys_seconds second_{std::chrono::seconds{-1}};
  std::string text_;
};

}  // namespace bellpull
