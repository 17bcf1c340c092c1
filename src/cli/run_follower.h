// Follows one run to its end, by reading what is new about it.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "cli/client.h"
#include "cli/failure.h"
#include "cli/tape.h"
#include "cli/timeline.h"

namespace bellpull::cli {

class RunFollower {
 public:
  // `event` as event/inbox gives it; its first row is written at once.
  RunFollower(Client& client, Tape& tape, boost::json::object event);

  // Writes the steps since the last time; true when the run has ended, and all of it is written.
  Outcome<bool> advance();
  // Whether the last advance() found anything new.
  bool has_moved() const { return has_moved_; }
  const boost::json::object& run() const { return run_; }

 private:
  Outcome<void> write_steps();

  Client& client_;
  Tape& tape_;
  RunTimeline timeline_;
  const std::string path_;
  std::string cursor_;
  boost::json::object run_;
  bool has_moved_ = false;
};

}  // namespace bellpull::cli
