// A block of postings: ascending row numbers of one term, the first as the block's key and the rest
// as the distance of each from the one before, in LEB128.
//
// Invariant: a block holds 1 to max_block_ids numbers, all positive, each once.
// Threads: free functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

inline constexpr std::size_t max_block_ids = 128;

// What stands behind the first of `ids`, which are not empty.
std::string pack_ids(std::span<const std::int64_t> ids);
// All numbers of a block. Throws std::runtime_error for what pack_ids() never made.
std::vector<std::int64_t> unpack_ids(std::int64_t first, std::string_view rest);

}  // namespace bellpull
