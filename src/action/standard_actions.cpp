#include "action/standard_actions.h"

#include <memory>

#include "action/abort.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/echo.h"
#include "action/email.h"
#include "action/fetch.h"
#include "action/mcp.h"
#include "action/notify.h"
#include "action/sql.h"
#include "action/wait.h"

namespace bellpull {

ActionSet standard_actions(const ActionParts& parts) {
  ActionSet set;
  set.add("echo", std::make_unique<EchoAction>());
  set.add("abort/success", std::make_unique<AbortAction>(Settlement::success));
  set.add("abort/failure", std::make_unique<AbortAction>(Settlement::failure));
  set.add("email", std::make_unique<EmailAction>(parts.mailer, parts.clock));
  set.add("fetch", std::make_unique<FetchAction>(parts.client, parts.clock, parts.random));
  set.add("wait", std::make_unique<WaitAction>(parts.clock));
  set.add("mcp", std::make_unique<McpAction>(parts.mcp_servers));
  set.add("notify", std::make_unique<NotifyAction>(parts.client, parts.clock));
  set.add("sql", std::make_unique<SqlAction>(parts.databases));
  return set;
}

}  // namespace bellpull
