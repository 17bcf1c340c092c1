// Events as they arrive: of an account, of one trigger, or of one conversation.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "cli/client.h"
#include "cli/failure.h"

namespace bellpull::cli {

struct EventChoice {
  std::string trigger_id;       // empty: of all triggers
  std::string conversation_id;  // empty: of all conversations
};

class EventFeed {
 public:
  EventFeed(Client& client, EventChoice choice) : client_(client), choice_(std::move(choice)) {}

  // The newest `count`, oldest of them first. Called once, before arrivals().
  Outcome<std::vector<boost::json::object>> latest(std::int64_t count);
  // What has arrived since, oldest first.
  Outcome<std::vector<boost::json::object>> arrivals();

 private:
  using Events = std::vector<boost::json::object>;

  Outcome<Events> after_cursor();
  Outcome<Events> newest_of_conversation(std::int64_t count, std::int64_t max_searched);
  Events unseen(Events events);

  Client& client_;
  const EventChoice choice_;
  std::string cursor_;          // of the newest event that was there at the start, or came later
  std::set<std::string> seen_;  // ids given out
};

}  // namespace bellpull::cli
