#include "base/task.h"

#include <chrono>
#include <cstddef>
#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace bellpull {

namespace asio = boost::asio;

// One running task, in the group's doubly linked list from start to completion.
struct TaskGroup::Member {
  asio::cancellation_signal cancel;
  Member* next = nullptr;
  Member* previous = nullptr;
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnFailure on_failure)
    : executor_(std::move(executor)),
      on_failure_(std::move(on_failure)),
      empty_(executor_, asio::steady_timer::time_point::max()) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::start(Task<void> task) {
  if (stopping_) return;
  auto* member = new Member;
  member->next = members_;
  if (members_ != nullptr) members_->previous = member;
  members_ = member;
  ++size_;
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(member->cancel.slot(),
                                              [this, member](std::exception_ptr failure) {
                                                if (member->previous != nullptr)
                                                  member->previous->next = member->next;
                                                if (member->next != nullptr)
                                                  member->next->previous = member->previous;
                                                if (members_ == member) members_ = member->next;
                                                delete member;
                                                --size_;
                                                if (failure && on_failure_) on_failure_(failure);
                                                if (size_ == 0) empty_.cancel();
                                              }));
}

void TaskGroup::stop() {
  stopping_ = true;
  // A cancelled task may complete inside emit() and leave the list, so the next one is read first.
  for (Member* member = members_; member != nullptr;) {
    Member* next = member->next;
    member->cancel.emit(asio::cancellation_type::terminal);
    member = next;
  }
}

Task<void> TaskGroup::join() {
  while (size_ > 0) {
    boost::system::error_code woken;
    co_await empty_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

std::size_t TaskGroup::size() const { return size_; }
bool TaskGroup::stopping() const { return stopping_; }

}  // namespace bellpull
