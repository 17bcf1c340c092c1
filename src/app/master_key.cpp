#include "app/master_key.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "app/settings.h"
#include "base/result.h"
#include "sqlite/data_directory.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace {

constexpr std::string_view proof_text = "bellpull";
constexpr std::string_view proof_place = "key_proof";
constexpr const char* way_out =
    "start with the key it was made with: its own master.key, or BELLPULL_MASTER_KEY";

}  // namespace

Result<Vault> open_vault(const Settings& settings, const DataDirectory& directory) {
  if (settings.master_key) return Vault::from_hex(*settings.master_key);
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
  if (!proof) {
    transaction.keep_key_proof(vault.seal(proof_text, proof_place));
    return {};
  }
  if (vault.open(*proof, proof_place) == proof_text) return {};
  return fail(ErrorCode::conflict,
              "the master key is not the one that this data directory's secrets were sealed with",
              way_out);
}

}  // namespace bellpull
