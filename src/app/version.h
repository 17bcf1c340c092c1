// The version of this binary.
#pragma once

namespace bellpull {

inline constexpr const char* version = "0.1.0";

}  // namespace bellpull
