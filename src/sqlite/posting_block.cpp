#include "sqlite/posting_block.h"

#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

namespace {

constexpr unsigned bits_of_a_byte = 7;
constexpr unsigned more_follow = 0x80;
constexpr unsigned max_shift = 56;  // nine bytes: 63 bits

[[noreturn]] void fail_damaged() {
  throw std::runtime_error(
      "index.db is damaged: stop the server and remove it; the next start builds it again");
}

void append_number(std::string& bytes, std::uint64_t number) {
  while (number >= more_follow) {
    bytes += static_cast<char>((number & (more_follow - 1)) | more_follow);
    number >>= bits_of_a_byte;
  }
  bytes += static_cast<char>(number);
}

// Takes a number from the front of `bytes`.
std::uint64_t take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift <= max_shift && !bytes.empty(); shift += bits_of_a_byte) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & (more_follow - 1)) << shift;
    if (byte < more_follow) return number;
  }
  fail_damaged();
}

}  // namespace

std::string pack_ids(std::span<const std::int64_t> ids) {
  std::string rest;
  std::int64_t before = ids.front();
  for (const std::int64_t id : ids.subspan(1)) {
    append_number(rest, static_cast<std::uint64_t>(id - before));
    before = id;
  }
  return rest;
}

std::vector<std::int64_t> unpack_ids(std::int64_t first, std::string_view rest) {
  std::vector<std::int64_t> ids;
  ids.reserve(rest.size() + 1);
  ids.push_back(first);
  while (!rest.empty()) {
    const std::uint64_t distance = take_number(rest);
    const auto room =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() - ids.back());
    if (distance == 0 || distance > room) {
      fail_damaged();
    }
    ids.push_back(ids.back() + static_cast<std::int64_t>(distance));
  }
  return ids;
}

}  // namespace bellpull
