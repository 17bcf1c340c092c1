#include "action/inner.h"

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/outcome.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/log_item.h"
#include "store/transaction.h"

namespace bellpull {

bool is_strangers(const ActionRequest& request) {
  return request.links.owner != request.context.account;
}

Error refused_stranger(std::string_view action) {
  return {ErrorCode::forbidden,
          fmt::format("{} is not for an ability of another account, which a public bot brought "
                      "along: copy the bot and its skillset into the trigger's account",
                      action)};
}

void log_by_call(Transaction& rows, const ActionRequest& request, LogItem item, TimePoint now) {
  item.account = request.context.account;
  item.run = request.context.run;
  item.created_at = now;
  boost::json::object meta;
  if (const auto& ability = request.links.ability) meta["abilityId"] = ability->text();
  item.meta = boost::json::serialize(meta);
  rows.log().add(item);
}

ActionOutcome error_outcome(const Error& error) {
  if (error.hint.empty()) return error_outcome(std::string_view{error.message});
  return error_outcome(std::string_view{error.message + "; " + error.hint});
}

}  // namespace bellpull
