#include "api/keep_new.h"

#include "api/abilities.h"
#include "api/triggers.h"
#include "base/result.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "secret/sealed_secret.h"
#include "store/transaction.h"

namespace bellpull {

Result<void> KeepNew::operator()(Secret& secret) {
  if (auto checked = check_and_merge(vault_, Secret{}, secret); !checked) return checked;
  if (auto added = rows_.secrets().add(secret); !added) return added;
  if (!secret.new_value && !secret.new_config) return {};
  seal_given(vault_, secret);
  return rows_.secrets().update(secret);
}

Result<void> KeepNew::operator()(File& file) { return rows_.files().add(file); }
Result<void> KeepNew::operator()(Dataset& dataset) { return rows_.datasets().add(dataset); }
Result<void> KeepNew::operator()(Skillset& skillset) { return rows_.skillsets().add(skillset); }
Result<void> KeepNew::operator()(Bot& bot) { return rows_.bots().add(bot); }

Result<void> KeepNew::operator()(Ability& ability) {
  free_alias(rows_, ability);
  return rows_.abilities().add(ability);
}

Result<void> KeepNew::operator()(Trigger& trigger) {
  if (auto added = rows_.triggers().add(trigger); !added) return added;
  return complete_new(rows_, random_, vault_, trigger);
}

}  // namespace bellpull
