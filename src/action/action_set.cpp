#include "action/action_set.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "action/abort.h"
#include "action/action.h"
#include "action/echo.h"
#include "action/email.h"
#include "action/fetch.h"
#include "action/notify.h"
#include "action/sql.h"
#include "action/wait.h"
#include "base/random.h"
#include "base/time.h"
#include "database/databases.h"
#include "egress/http_client.h"
#include "mail/mailer.h"

namespace bellpull {

void ActionSet::add(std::string name, std::unique_ptr<Action> action) {
  actions_.insert_or_assign(std::move(name), std::move(action));
}

Action* ActionSet::find(std::string_view name) const {
  const auto found = actions_.find(name);
  return found == actions_.end() ? nullptr : found->second.get();
}

std::vector<std::string> ActionSet::names() const {
  std::vector<std::string> names;
  names.reserve(actions_.size());
  for (const auto& [name, action] : actions_) names.push_back(name);
  return names;
}

ActionSet standard_actions(const ActionParts& parts) {
  ActionSet set;
  set.add("echo", std::make_unique<EchoAction>());
  set.add("abort/success", std::make_unique<AbortAction>(Settlement::success));
  set.add("abort/failure", std::make_unique<AbortAction>(Settlement::failure));
  set.add("email", std::make_unique<EmailAction>(parts.mailer, parts.clock));
  set.add("fetch", std::make_unique<FetchAction>(parts.client, parts.clock, parts.random));
  set.add("wait", std::make_unique<WaitAction>(parts.clock));
  set.add("notify", std::make_unique<NotifyAction>(parts.client, parts.clock));
  set.add("sql", std::make_unique<SqlAction>(parts.databases));
  return set;
}

}  // namespace bellpull
