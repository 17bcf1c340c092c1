// Randomness as a constructor argument, so that a test can seed it. Ids and secrets need the
// system's; jitter may use either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace bellpull {

// Threads: implementations say.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  // Uniform in [0, bound); bound must be positive.
  std::uint64_t below(std::uint64_t bound);
  // `bytes` random bytes as lower-case hex digits.
  std::string hex(std::size_t bytes);
};

// The kernel's generator. Threads: any.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

// The same bytes for the same seed, for tests only. Threads: one.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::mt19937_64 engine_;
};

}  // namespace bellpull
