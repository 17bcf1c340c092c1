// Who did what that must not go unseen: a secret that was shown or replaced.
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "domain/ids.h"
#include "identity/caller.h"
#include "store/transaction.h"

namespace bellpull {

struct AuditEntry {
  std::string_view what;  // "integration.trigger.secret.reveal"
  Caller caller;
  std::string subject;     // the id of what it was done to
  std::string request_id;  // as the reply and the log name it
};

class AuditTrail {
 public:
  virtual ~AuditTrail() = default;
  // Inside the transaction that does it, so that nothing is done without its record. Throws when it
  // can't be recorded.
  virtual void record(Transaction& rows, const AuditEntry& entry) = 0;
};

// Records in the server's log. Threads: any.
class LogAuditTrail final : public AuditTrail {
 public:
  explicit LogAuditTrail(Log& log) : log_(log) {}
  void record(Transaction& rows, const AuditEntry& entry) override;

 private:
  Log& log_;
};

}  // namespace bellpull
