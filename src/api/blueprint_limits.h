// How much of a blueprint one request may make or read.
//
// A copy and an import are kept whole or not at all, so in one commit, which must not hold the
// writer longer than 5 ms: hence the first two (blueprints_test.cpp measures them).
#pragma once

#include <cstddef>

#include "base/result.h"

namespace bellpull {

inline constexpr std::size_t max_new_members = 100;
inline constexpr std::size_t max_new_bytes = std::size_t{1} << 20;
// Summaries are short, and are read in steps.
inline constexpr std::size_t max_listed_members = 10'000;
// The same of their names, descriptions and metas: one reply holds them all.
inline constexpr std::size_t max_listed_bytes = std::size_t{16} * 1024 * 1024;

Error too_many_bytes();

}  // namespace bellpull
