// Removing a resource with what cannot be without it, and a blueprint's resources with it.
//
// One way for a request and for a background job. What may be much is left to a job of its own, and
// is out of sight at once.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/transaction.h"

namespace bellpull {

void remove_whole(Transaction& rows, const Bot& bot);
// Its abilities are found through it only.
void remove_whole(Transaction& rows, const Skillset& skillset);
void remove_whole(Transaction& rows, const Ability& ability);
// Its records and attachments are found through it only.
void remove_whole(Transaction& rows, const Dataset& dataset);
// With the values that contacts gave it.
void remove_whole(Transaction& rows, const Secret& secret);
// The records that datasets imported from it stay.
void remove_whole(Transaction& rows, const File& file);
// The row stays, as a name for its events; what could admit or start one goes.
Result<void> remove_whole(Transaction& rows, const Trigger& trigger, TimePoint now);

// Removes up to `limit` of an account's resources that belong to a blueprint, which may itself be
// gone already. Each leaves an entry in the event log, by whoever deleted the blueprint. Gives
// whether more may be left.
bool remove_members(Transaction& rows, AccountKey account, BlueprintKey blueprint,
                    std::int64_t limit, TimePoint now);

}  // namespace bellpull
