#include "identity/turns.h"

#include <functional>
#include <mutex>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"

namespace bellpull {

namespace asio = boost::asio;

Task<Turns::Turn> Turns::take() {
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this](auto handler) {
        std::move_only_function<void()> resume = [handler = std::move(handler)]() mutable {
          const auto executor = asio::get_associated_executor(handler);
          asio::post(executor, std::move(handler));
        };
        {
          const std::scoped_lock lock{mutex_};
          if (left_ == 0) {
            waiting_.push_back(std::move(resume));
            return;
          }
          --left_;
        }
        resume();
      },
      asio::use_awaitable);
  co_return Turn{*this};
}

void Turns::pass_on() {
  std::move_only_function<void()> next;
  {
    const std::scoped_lock lock{mutex_};
    if (waiting_.empty()) {
      ++left_;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  next();
}

}  // namespace bellpull
