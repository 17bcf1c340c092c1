// Keeping a new resource that no create request made: a copy, or one from a document. It gets what
// a created one gets: a trigger its next time and a secret of its own, a secret its seals.
//
// Lifetime: of one request. Threads: the writer's.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

class KeepNew {
 public:
  KeepNew(Transaction& rows, Random& random, const Vault& vault)
      : rows_(rows), random_(random), vault_(vault) {}

  // Each gives the resource its id. Fails with what is wrong with it, or with `conflict`.
  Result<void> operator()(Secret& secret);
  Result<void> operator()(File& file);
  Result<void> operator()(Dataset& dataset);
  Result<void> operator()(Skillset& skillset);
  Result<void> operator()(Bot& bot);
  Result<void> operator()(Ability& ability);
  Result<void> operator()(Trigger& trigger);

 private:
  Transaction& rows_;
  Random& random_;
  const Vault& vault_;
};

}  // namespace bellpull
