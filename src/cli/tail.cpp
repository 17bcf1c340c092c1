#include "cli/tail.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <list>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/time.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/event_feed.h"
#include "cli/failure.h"
#include "cli/run_follower.h"
#include "cli/tape.h"

namespace bellpull::cli {

namespace {

constexpr std::int64_t default_last = 10;
// Runs that are followed at the same time; later ones wait for their turn.
constexpr std::size_t max_followed = 32;
constexpr Duration first_pause = std::chrono::seconds{1};
constexpr Duration longest_pause = std::chrono::seconds{5};

class Tail {
 public:
  Tail(CommandContext& context, EventChoice choice, bool follows)
      : context_(context),
        feed_(context.client, std::move(choice)),
        tape_(context.output),
        follows_(follows) {}

  Outcome<ExitCode> run(std::int64_t last) {
    auto events = feed_.latest(last);
    if (!events) return std::unexpected(events.error());
    waiting_ = {events->begin(), events->end()};
    while (true) {
      const auto moved = advance();
      if (!context_.output.is_read()) return ExitCode::ok;
      if (moved && !follows_ && runs_.empty() && waiting_.empty()) return ExitCode::ok;
      if (!moved && !may_pass(moved.error())) return std::unexpected(moved.error());
      if (moved && *moved) pause_ = first_pause;
      if (auto paused = context_.client.pause(pause_); !paused) {
        return std::unexpected(paused.error());
      }
      pause_ = std::min(pause_ * 3 / 2, longest_pause);
      if (!follows_) continue;
      auto arrived = feed_.arrivals();
      if (!arrived && !may_pass(arrived.error())) return std::unexpected(arrived.error());
      if (arrived) std::ranges::move(*arrived, std::back_inserter(waiting_));
    }
  }

 private:
  // A server that restarts is no reason to stop watching it.
  bool may_pass(const Failure& failure) {
    if (failure.exit_code != ExitCode::unreachable && failure.exit_code != ExitCode::failed) {
      return false;
    }
    if (!follows_) return false;
    context_.output.note(failure.message + "; trying again");
    pause_ = longest_pause;
    return true;
  }

  // True when anything new was written.
  Outcome<bool> advance() {
    bool has_moved = false;
    while (true) {
      while (runs_.size() < max_followed && !waiting_.empty()) {
        runs_.emplace_back(context_.client, tape_, std::move(waiting_.front()));
        waiting_.pop_front();
        has_moved = true;
      }
      const std::size_t before = runs_.size();
      for (auto run = runs_.begin(); run != runs_.end();) {
        const auto ended = run->advance();
        if (!ended) return std::unexpected(ended.error());
        has_moved = has_moved || run->has_moved();
        run = *ended ? runs_.erase(run) : std::next(run);
      }
      if (runs_.size() == before || waiting_.empty()) return has_moved;
    }
  }

  CommandContext& context_;
  EventFeed feed_;
  Tape tape_;
  const bool follows_;
  std::list<boost::json::object> waiting_;
  std::list<RunFollower> runs_;
  Duration pause_ = first_pause;
};

}  // namespace

std::vector<Option> with_tail_options(std::vector<Option> own) {
  own.push_back({"--last", "N", "begin with this many runs that are there already (10)"});
  own.push_back({"--no-follow", "", "stop when the runs that are there have ended"});
  return own;
}

Outcome<ExitCode> tail(CommandContext& context, EventChoice choice) {
  const auto last = context.arguments.number("--last", 0);
  if (!last) return std::unexpected(last.error());
  const bool follows = !context.arguments.has("--no-follow");
  if (follows) context.output.note("Following; Ctrl+C stops.");
  const auto result = Tail{context, std::move(choice), follows}.run(last->value_or(default_last));
  if (!result && is_interrupt(result.error())) return ExitCode::interrupted;
  return result;
}

}  // namespace bellpull::cli
