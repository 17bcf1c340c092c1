// Runs one task to its end on an io_context of the test's own, and gives its result.
#pragma once

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.h"

namespace bellpull {

template <class T>
T run_task(boost::asio::io_context& context, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    if (!thrown) result = std::move(value);
  });
  context.restart();
  // What stays open beside the task (kept connections) must not keep the test waiting.
  while (!result && !failure && context.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  if (!result) throw std::logic_error("the task waits for nothing");
  return std::move(*result);
}

}  // namespace bellpull
