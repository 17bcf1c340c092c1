#include "identity/audit_trail.h"

#include <boost/json/string.hpp>

#include "base/log.h"
#include "store/transaction.h"

namespace bellpull {

void LogAuditTrail::record(Transaction& rows, const AuditEntry& entry) {
  const auto account = rows.accounts().find(entry.caller.account);
  const auto token = rows.tokens().find(entry.caller.token);
  const auto id_of = [](const auto& found) {
    return found ? boost::json::string{found->id.text()} : boost::json::string{};
  };
  log_.info("audit", entry.what,
            {{"subject", boost::json::string{entry.subject}},
             {"account", id_of(account)},
             {"token", id_of(token)},
             {"request", boost::json::string{entry.request_id}}});
}

}  // namespace bellpull
