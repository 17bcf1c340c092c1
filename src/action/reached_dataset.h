// Which dataset a call means, and whether it may.
//
// Threads: a store thread; all of it is inside a snapshot or a transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action/action.h"
#include "action/input_fields.h"
#include "base/result.h"
#include "domain/dataset.h"
#include "store/transaction.h"

namespace bellpull {

// What an input says: `datasetId`, or `id`; empty for none.
std::string dataset_name(InputFields& fields);

// To read: the account's own, or a public one; one at least. Without a name, the dataset of the
// run's bot, which a public bot brings along, and then those of the trigger's blueprint, which an
// ability of another account does not reach.
Result<std::vector<Dataset>> readable_datasets(const Transaction& rows,
                                               const ActionRequest& request, std::string_view name);
// To change: the account's own, by an ability of its own.
Result<Dataset> writable_dataset(const Transaction& rows, const ActionRequest& request,
                                 std::string_view name);

}  // namespace bellpull
