#include "http/read_buffer.h"

#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace bellpull {
namespace {

constexpr std::size_t first_capacity = 4096;
// A capacity that a large request left behind is not kept for the small one after it.
constexpr std::size_t kept_capacity = 64 * std::size_t{1024};
constexpr std::size_t least_space = 1024;

}  // namespace

bool BufferBudget::take_below(std::size_t limit, std::size_t bytes) {
  if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit) return true;
  give_back(bytes);
  return false;
}

void BufferBudget::take_anyway(std::size_t bytes) {
  used_.fetch_add(bytes, std::memory_order_relaxed);
}

void BufferBudget::give_back(std::size_t bytes) {
  used_.fetch_sub(bytes, std::memory_order_relaxed);
}

bool BudgetShare::hold(std::size_t bytes) {
  release();
  if (!budget_.take_of_half(bytes)) return false;
  bytes_ = bytes;
  return true;
}

ReadBuffer::~ReadBuffer() { budget_.give_back(capacity_); }

bool ReadBuffer::grow() {
  const bool is_first = capacity_ == 0;
  const std::size_t wanted = is_first ? first_capacity : capacity_ * 2;
  if (is_first) {
    budget_.take_anyway(wanted);
  } else if (!budget_.take(wanted)) {
    return false;
  }
  auto larger = std::make_unique_for_overwrite<char[]>(wanted);
  if (end_ != begin_) std::memcpy(larger.get(), memory_.get() + begin_, end_ - begin_);
  budget_.give_back(capacity_);
  memory_ = std::move(larger);
  capacity_ = wanted;
  end_ -= begin_;
  begin_ = 0;
  return true;
}

std::span<char> ReadBuffer::space() {
  if (capacity_ - end_ < least_space && begin_ > 0) {
    std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < least_space && !grow()) return {};
  return {memory_.get() + end_, capacity_ - end_};
}

void ReadBuffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ != end_) return;
  begin_ = 0;
  end_ = 0;
  if (capacity_ > kept_capacity) release();
}

void ReadBuffer::erase(std::size_t from, std::size_t to) {
  if (from == to) return;
  char* const start = memory_.get() + begin_;
  std::memmove(start + from, start + to, end_ - begin_ - to);
  end_ -= to - from;
}

void ReadBuffer::release() {
  if (begin_ != end_) return;
  memory_.reset();
  budget_.give_back(std::exchange(capacity_, 0));
  begin_ = 0;
  end_ = 0;
}

}  // namespace bellpull
