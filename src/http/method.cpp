#include "http/method.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace bellpull {
namespace {

constexpr std::array<std::string_view, 8> names{"GET",   "HEAD",   "POST",    "PUT",
                                                "PATCH", "DELETE", "OPTIONS", "other"};

}  // namespace

std::string_view to_string(Method method) { return names.at(static_cast<std::size_t>(method)); }

Method parse_method(std::string_view name) {
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    if (names.at(i) == name) return static_cast<Method>(i);
  }
  return Method::other;
}

}  // namespace bellpull
