// The actions that every server has, beside those on its own data (inner_actions.h).
#pragma once

#include "action/action_set.h"
#include "base/random.h"
#include "base/time.h"

namespace bellpull {

class Databases;
class HttpClient;
class Mailer;
class McpServers;

// What the actions reach the outside with; all outlive them.
struct ActionParts {
  HttpClient& client;
  Mailer& mailer;
  Databases& databases;
  McpServers& mcp_servers;
  const Clock& clock;
  Random& random;
};

// abort/failure, abort/success, echo, email, fetch, mcp, notify, sql and wait.
ActionSet standard_actions(const ActionParts& parts);

}  // namespace bellpull
