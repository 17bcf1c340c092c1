#include "action/ability_gates.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

namespace asio = boost::asio;

struct AbilityGates::Waiter {
  asio::steady_timer timer;  // until the deadline; cancelled when it is this one's turn
  bool admitted = false;
};

struct AbilityGates::Gate {
  std::size_t inside = 0;
  std::deque<Waiter*> waiting;
};

AbilityGates::AbilityGates(std::size_t default_limit) : default_limit_(default_limit) {}
AbilityGates::~AbilityGates() = default;

AbilityGates::Pass::Pass(Pass&& other) noexcept
    : gates_(std::exchange(other.gates_, nullptr)), ability_(other.ability_) {}

AbilityGates::Pass& AbilityGates::Pass::operator=(Pass&& other) noexcept {
  std::swap(gates_, other.gates_);
  std::swap(ability_, other.ability_);
  return *this;
}

AbilityGates::Pass::~Pass() {
  if (gates_ != nullptr) gates_->leave(ability_);
}

Task<std::optional<AbilityGates::Pass>> AbilityGates::enter(AbilityKey ability, std::size_t limit,
                                                            SteadyTime deadline) {
  if (limit == 0) limit = default_limit_;
  if (limit == 0) co_return Pass{};
  std::unique_ptr<Gate>& slot = gates_[ability];
  if (!slot) slot = std::make_unique<Gate>();
  Gate& gate = *slot;
  if (gate.inside < limit && gate.waiting.empty()) {
    ++gate.inside;
    co_return Pass{*this, ability};
  }
  Waiter waiter{.timer = asio::steady_timer{co_await asio::this_coro::executor, deadline}};
  gate.waiting.push_back(&waiter);
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto state = co_await asio::this_coro::cancellation_state;
  const bool cancelled = state.cancelled() != asio::cancellation_type::none;
  if (!waiter.admitted) std::erase(gate.waiting, &waiter);
  std::optional<Pass> pass;
  if (waiter.admitted) pass.emplace(Pass{*this, ability});
  co_await asio::this_coro::throw_if_cancelled(true);
  if (cancelled) throw boost::system::system_error(asio::error::operation_aborted);
  co_return pass;
}

// The place goes to the first that waits, so nobody who comes later is faster.
void AbilityGates::leave(AbilityKey ability) {
  const auto found = gates_.find(ability);
  Gate& gate = *found->second;
  if (!gate.waiting.empty()) {
    Waiter* const next = gate.waiting.front();
    gate.waiting.pop_front();
    next->admitted = true;
    next->timer.cancel();
    return;
  }
  if (--gate.inside == 0) gates_.erase(found);
}

}  // namespace bellpull
