// The bytes that a connection has received and not yet used: one flat piece of memory that grows
// while a request needs it and is given back when the connection is idle.
//
// Invariant: what all buffers of a server hold together stays within the budget, but for the first
// 4 KiB of each, which it always gets: whatever large bodies are under way, small requests go on.
// Threads: one; the budget is shared by all.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace bellpull {

// Bytes that the buffers of one server may hold together.
class BufferBudget {
 public:
  explicit BufferBudget(std::size_t limit) : limit_(limit) {}
  // False, and nothing taken, when the limit does not allow it.
  bool take(std::size_t bytes) { return take_below(limit_, bytes); }
  // For what may wait long: no more than half of it, so that the other half is there for requests.
  bool take_of_half(std::size_t bytes) { return take_below(limit_ / 2, bytes); }
  void take_anyway(std::size_t bytes);
  void give_back(std::size_t bytes);
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  bool take_below(std::size_t limit, std::size_t bytes);

  const std::size_t limit_;
  std::atomic<std::size_t> used_ = 0;
};

// What a reply has of a budget.
class BudgetShare {
 public:
  explicit BudgetShare(BufferBudget& budget) : budget_(budget) {}
  ~BudgetShare() { release(); }
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;

  // Takes as much instead of what it has. False, and nothing is left, when that is too much.
  bool hold(std::size_t bytes);
  void release() { budget_.give_back(std::exchange(bytes_, 0)); }
  bool is_empty() const { return bytes_ == 0; }

 private:
  BufferBudget& budget_;
  std::size_t bytes_ = 0;
};

class ReadBuffer {
 public:
  explicit ReadBuffer(BufferBudget& budget) : budget_(budget) {}
  ~ReadBuffer();
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;

  std::string_view bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  // The same bytes, for decoding in place.
  char* data() { return memory_.get() + begin_; }

  // Room for the next read, after moving or growing; empty when the budget is used up.
  std::span<char> space();
  void commit(std::size_t count) { end_ += count; }
  // Forgets the first `count` bytes.
  void consume(std::size_t count);
  // Forgets the bytes [from, to) of bytes(); what follows moves up.
  void erase(std::size_t from, std::size_t to);
  // Gives the memory back when there are no bytes in it.
  void release();

 private:
  bool grow();

  BufferBudget& budget_;

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace bellpull
