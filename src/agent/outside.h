// How many executions wait for something outside the server: a model, an action.
//
// Those cost memory only. The others want the processor or the store now, and a worker that lets
// too many of them run at once only moves the queue from where it is fair to where it is not.
//
// Threads: the worker's executor only.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace bellpull {

class Outside {
 public:
  // Called when one more waits outside; must not run an execution by itself.
  void on_leave(std::function<void()> callback) { on_leave_ = std::move(callback); }
  std::size_t count() const { return count_; }

  // For as long as it lives, its execution is outside.
  class Stay {
   public:
    explicit Stay(Outside& outside) : outside_(outside) {
      ++outside_.count_;
      if (outside_.on_leave_) outside_.on_leave_();
    }
    ~Stay() { --outside_.count_; }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    Outside& outside_;
  };

 private:
  std::function<void()> on_leave_;
  std::size_t count_ = 0;
};

}  // namespace bellpull
