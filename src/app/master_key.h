// The master key at a start: found, or made for a new data directory, and known to be the one that
// the directory's secrets were sealed with.
#pragma once

#include <string_view>

#include "app/settings.h"
#include "base/result.h"
#include "sqlite/data_directory.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

// BELLPULL_MASTER_KEY, else the key file, after what a killed key rotation left to do. Fails when a
// directory that is not new has neither: with another key, every sender would be refused and
// nothing would say why.
Result<Vault> open_vault(const Settings& settings, const DataDirectory& directory);

// At the first start, keeps what proves the key; at later ones, fails with `conflict` when the key
// is another one. A directory from before there were proofs is judged by its triggers' secrets.
Result<void> prove_master_key(Transaction& transaction, const Vault& vault);

// Whether the key opens what is kept to prove it.
bool is_proven(const Vault& vault, std::string_view proof);

}  // namespace bellpull
