// The server's names, from the store: see references.h.
//
//   SECRET_DEFAULT          the secret that the ability is linked to
//   SECRET_<NAME>           a secret of the ability's owner, by its alias or by its name: upper
//                           case, with "_" for whatever is no letter or digit
//   BOT_DEFAULT             the linked bot, or else the run's
//   FILE_DEFAULT, BLUEPRINT_DEFAULT, SKILLSET_DEFAULT, ABILITY_DEFAULT
//   CONVERSATION_ID, CONTACT_ID, CONTACT_NAME, CONTACT_EMAIL, CONTACT_PHONE
//
// A personal secret is the contact's, where the event's sender was known. Lifetime: what it is made
// of outlives it. Threads: the worker's executor only.
#pragma once

#include <string>
#include <vector>

#include "action/action.h"
#include "action/references.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

class StoredReferences final : public ReferenceSource {
 public:
  StoredReferences(Store& store, const Vault& vault, const Clock& clock)
      : store_(store), vault_(vault), clock_(clock) {}

  Task<Result<ResolvedNames>> resolve(std::vector<std::string> names, CallContext context,
                                      AbilityLinks links) override;

 private:
  Store& store_;
  const Vault& vault_;
  const Clock& clock_;
};

}  // namespace bellpull
