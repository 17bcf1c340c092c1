#include "cli/run_follower.h"

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "cli/client.h"
#include "cli/failure.h"
#include "cli/json_path.h"
#include "cli/listing.h"
#include "cli/status_words.h"
#include "cli/tape.h"
#include "cli/timeline.h"

namespace bellpull::cli {

RunFollower::RunFollower(Client& client, Tape& tape, boost::json::object event)
    : client_(client),
      tape_(tape),
      timeline_(std::move(event)),
      path_("/run/" + percent_encoded(text_at(timeline_.event(), "runId"))) {
  tape_.opened(timeline_);
}

// The state is read before the steps: a run that has ended by then adds none after them.
Outcome<bool> RunFollower::advance() {
  has_moved_ = false;
  auto run = client_.get(path_ + "/fetch");
  if (!run) return std::unexpected(run.error());
  run_ = std::move(*run);
  if (auto written = write_steps(); !written) return std::unexpected(written.error());
  const std::string state = text_at(run_, "state");
  if (!status_word(state).is_ended) return false;
  tape_.ended(timeline_, run_);
  has_moved_ = true;
  return true;
}

Outcome<void> RunFollower::write_steps() {
  while (true) {
    const auto page =
        read_page(client_, path_ + "/step/list", {{"order", "asc"}}, max_page, cursor_);
    if (!page) return std::unexpected(page.error());
    if (page->items.empty()) return {};
    has_moved_ = true;
    cursor_ = page->cursor;
    for (const auto& step : page->items) tape_.step(timeline_, step);
    if (static_cast<std::int64_t>(page->items.size()) < max_page || cursor_.empty()) return {};
  }
}

}  // namespace bellpull::cli
