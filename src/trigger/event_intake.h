// The way of an event from an IO thread into the store: events of a few turns of the loop share a
// batch, batches share a commit.
//
// One intake per IO thread. Lifetime: outlives the coroutines that wait in it; the store is stopped
// before it goes. Threads: its io_context's only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/task.h"
#include "store/accept.h"
#include "store/store.h"

namespace bellpull {

class EventIntake {
 public:
  EventIntake(boost::asio::io_context& context, Store& store);
  ~EventIntake();
  EventIntake(const EventIntake&) = delete;
  EventIntake& operator=(const EventIntake&) = delete;

  // Returns after the commit. The event and its views live until then; cancelling does not cut the
  // wait short.
  Task<Acceptance> accept(const NewEvent* event);

 private:
  class Batch;
  using Handler = std::move_only_function<void(Acceptance)>;

  void add(const NewEvent& event, Handler handler);
  void submit();
  void deliver(Batch& batch);

  boost::asio::io_context& context_;
  Store& store_;
  std::vector<std::unique_ptr<Batch>> batches_;
  std::vector<Batch*> free_;
  Batch* gathering_ = nullptr;
  std::size_t gathered_before_ = 0;  // in gathering_, a turn ago
  int turns_ = 0;
};

}  // namespace bellpull
