// A number of places, and a line of tasks that wait for one: first come, first served.
//
// Lifetime: outlives every task that holds or awaits a place. Threads: the executor's only.
#pragma once

#include <cstddef>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.h"
#include "base/time.h"

namespace bellpull {

class WaitingLine {
 public:
  explicit WaitingLine(std::size_t places) : free_(places) {}

  // The stay of one task, in the line and then in its place; leaving the scope leaves both.
  class Place {
   public:
    explicit Place(WaitingLine& line) : line_(line) {}
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // Whether there was a place before `time_left` was over and the task was cancelled.
    Task<bool> taken(Duration time_left);

   private:
    friend class WaitingLine;

    WaitingLine& line_;
    bool is_taken_ = false;
    boost::asio::steady_timer* waiting_ = nullptr;  // its own, while it stands in the line
  };

 private:
  std::size_t free_;
  std::list<Place*> waiting_;
};

}  // namespace bellpull
