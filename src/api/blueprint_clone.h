// A copy of a blueprint with all its resources (api-contract.md 2.8).
//
// Not copied: ids, aliases, secrets of triggers (new ones are made), values of secrets, records of
// datasets and contents of files. References among the resources lead to the copies, others stay.
#pragma once

#include <boost/json/object.hpp>

#include "api/blueprint_members.h"
#include "api/call.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

struct BlueprintCopy {
  Blueprint blueprint;
  Members members;  // not yet kept: each still has its source's id, and refers to the sources
};

// Made outside of the writer, from what a snapshot showed. Fails with `invalid` when the members
// are too large to be kept in one commit.
Result<BlueprintCopy> copy_of(const Blueprint& source, Members members, const Vault& vault,
                              TimePoint now);

// Keeps all of it, on behalf of `call`; gives the new resources by category, with the ids of their
// sources.
Result<boost::json::object> keep_copy(Transaction& rows, const Call& call, BlueprintCopy& copy,
                                      Random& random, const Vault& vault);

}  // namespace bellpull
