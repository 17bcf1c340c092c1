// What must hold for every input; a fuzz target that finds it broken ends there and then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bellpull {

inline void claim(bool holds, std::string_view what) {
  if (holds) return;
  std::fwrite(what.data(), 1, what.size(), stderr);
  std::fputs(" is broken\n", stderr);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the text up to a separator off the input; all of it when there is none.
inline std::string_view take_until(std::string_view& input, char separator) {
  const std::size_t end = input.find(separator);
  const std::string_view taken = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return taken;
}

}  // namespace bellpull
