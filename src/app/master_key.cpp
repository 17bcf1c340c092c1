#include "app/master_key.h"

#include <algorithm>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/key_rotation.h"
#include "app/settings.h"
#include "base/result.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "sqlite/data_directory.h"
#include "store/list.h"
#include "store/transaction.h"
#include "trigger/trigger_secret.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

constexpr std::string_view proof_text = "bellpull";
constexpr std::string_view proof_place = "key_proof";
constexpr const char* way_out =
    "start with the key it was made with: its own master.key, or BELLPULL_MASTER_KEY";

template <class Row, class Holds>
bool any_row(const ResourceStore<Row>& rows, AccountKey account, Holds holds) {
  ListQuery query{.account = account, .page = {.order = Order::ascending}};
  for (;;) {
    const std::vector<Row> page = rows.list(query);
    if (page.empty()) return false;
    if (std::ranges::any_of(page, holds)) return true;
    query.page.after = page.back().id.key.value;
  }
}

// Whether the key opens a trigger's secret, or there is none to try it on. One is enough: others
// may have been sealed while the server ran with a wrong key.
bool fits_secrets(const Transaction& snapshot, const Vault& vault) {
  bool is_sealed = false;
  const bool is_opened = any_row(snapshot.accounts(), {}, [&](const Account& account) {
    return any_row(snapshot.triggers(), account.id.key, [&](const Trigger& trigger) {
      if (!trigger.sealed_secret.empty()) is_sealed = true;
      return trigger_secret(vault, trigger).has_value();
    });
  });
  return is_opened || !is_sealed;
}

}  // namespace

Result<Vault> open_vault(const Settings& settings, const DataDirectory& directory) {
  if (settings.master_key) return Vault::from_hex(*settings.master_key);
  if (auto finished = finish_key_rotation(directory.folder()); !finished) {
    return std::unexpected(std::move(finished.error()));
  }
  const std::filesystem::path file = directory.folder() / "master.key";
  if (directory.is_new() && !std::filesystem::exists(file)) return Vault::make_file(file);
  auto vault = Vault::from_file(file);
  if (!vault && vault.error().code == ErrorCode::not_found) {
    vault.error().message += ": without it, the secrets of this data directory cannot be read";
    vault.error().hint = way_out;
  }
  return vault;
}

Result<void> prove_master_key(Transaction& transaction, const Vault& vault) {
  const std::optional<std::string> proof = transaction.key_proof();
  if (proof && is_proven(vault, *proof)) return {};
  if (!proof && fits_secrets(transaction, vault)) {
    transaction.keep_key_proof(vault.seal(proof_text, proof_place));
    return {};
  }
  return fail(ErrorCode::conflict,
              "the master key is not the one that this data directory's secrets were sealed with",
              way_out);
}

bool is_proven(const Vault& vault, std::string_view proof) {
  return vault.open(proof, proof_place) == proof_text;
}

}  // namespace bellpull
