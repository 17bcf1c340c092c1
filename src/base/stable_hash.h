// A hash of 64 bits that is kept on disk, so it is the same in every version: FNV-1a with a mixed
// end. Whoever chooses what is hashed can make two things meet; nothing may depend on it that they
// do not.
#pragma once

#include <cstdint>
#include <string_view>

namespace bellpull {

class StableHash {
 public:
  StableHash& add(std::string_view text) {
    for (const char c : text) mix(static_cast<std::uint8_t>(c));
    return *this;
  }
  StableHash& add(std::int64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      mix(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> shift));
    }
    return *this;
  }

  std::uint64_t value() const {
    std::uint64_t mixed = hash_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
  }

 private:
  void mix(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 1099511628211ULL; }

  std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace bellpull
