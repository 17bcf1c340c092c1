#include "base/random.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <sys/random.h>
#include <system_error>
#include <vector>

#include "base/encoding.h"

namespace bellpull {

std::uint64_t Random::below(std::uint64_t bound) {
  // Values at the top that would favour small results are drawn again.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  for (;;) {
    std::uint64_t value = 0;
    fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    if (value < limit) return value % bound;
  }
}

std::string Random::hex(std::size_t bytes) {
  std::vector<std::uint8_t> buffer(bytes);
  fill(buffer);
  return to_hex(buffer);
}

namespace {

void fill_from_kernel(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

// Small requests share one system call; what was given is wiped, so it cannot be given again.
void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  thread_local std::array<std::uint8_t, 4096> pool;
  thread_local std::size_t used = pool.size();
  if (bytes.size() > pool.size() / 8) {
    fill_from_kernel(bytes);
    return;
  }
  if (pool.size() - used < bytes.size()) {
    fill_from_kernel(pool);
    used = 0;
  }
  std::uint8_t* from = pool.data() + used;
  std::copy_n(from, bytes.size(), bytes.data());
  std::fill_n(from, bytes.size(), std::uint8_t{0});
  used += bytes.size();
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
}

}  // namespace bellpull
