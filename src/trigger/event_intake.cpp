#include "trigger/event_intake.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"
#include "store/accept.h"
#include "store/store.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// A batch that is worth its flush is on its way at once: what comes meanwhile is the next one, made
// ready while the writer is busy with this one.
constexpr std::size_t worth_a_flush = 64;
// So that a smaller one is on its way soon however slowly more keep coming.
constexpr int max_turns = 8;

}  // namespace

// The events of a few turns, and who waits for them.
class EventIntake::Batch final : public AcceptBatch {
 public:
  explicit Batch(EventIntake& intake) : intake_(intake) {}

  void committed() override {
    asio::post(intake_.context_, [this] { intake_.deliver(*this); });
  }

  std::vector<Handler> handlers;

 private:
  EventIntake& intake_;
};

EventIntake::EventIntake(asio::io_context& context, Store& store)
    : context_(context), store_(store) {}

EventIntake::~EventIntake() = default;

Task<Acceptance> EventIntake::accept(const NewEvent* event) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Acceptance)>(
      [this, event](auto handler) {
        add(*event, [handler = std::move(handler)](Acceptance result) mutable {
          std::move(handler)(result);
        });
      },
      asio::use_awaitable);
}

void EventIntake::add(const NewEvent& event, Handler handler) {
  if (gathering_ == nullptr) {
    if (free_.empty()) {
      batches_.push_back(std::make_unique<Batch>(*this));
      free_.push_back(batches_.back().get());
    }
    gathering_ = free_.back();
    free_.pop_back();
    // Runs after the handlers that are ready now, so their events come along.
    asio::post(context_, [this] { submit(); });
  }
  gathering_->entries.push_back({.event = &event, .result = {}});
  gathering_->handlers.push_back(std::move(handler));
}

// A turn that brought events is often followed by one that brings more: the replies to the last
// batch make its senders send again. So a batch is closed by a turn that brings nothing, which
// costs a lone event next to nothing, and spares a busy server half of its flushes.
void EventIntake::submit() {
  const std::size_t size = gathering_->entries.size();
  const bool grew = size > std::exchange(gathered_before_, size);
  if (grew && size < worth_a_flush && ++turns_ < max_turns) {
    asio::post(context_, [this] { submit(); });
    return;
  }
  gathered_before_ = 0;
  turns_ = 0;
  store_.accept(*std::exchange(gathering_, nullptr));
}

void EventIntake::deliver(Batch& batch) {
  // A handler may bring the next event, but never into this batch: it is not free yet.
  for (std::size_t i = 0; i < batch.handlers.size(); ++i) {
    batch.handlers[i](batch.entries[i].result);
  }
  batch.handlers.clear();
  batch.entries.clear();
  free_.push_back(&batch);
}

}  // namespace bellpull
