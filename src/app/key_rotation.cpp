#include "app/key_rotation.h"

#include <algorithm>
#include <exception>
#include <expected>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

#include "app/master_key.h"
#include "app/report.h"
#include "app/settings.h"
#include "base/private_file.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "sqlite/data_directory.h"
#include "sqlite/reseal.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace fs = std::filesystem;

namespace {

constexpr const char* help =
    "Replace the master key of a data directory. Stop its server first.\n\n"
    "Usage:  bellpull rotate-key [--data DIR] [--config FILE]\n\n"
    "Everything that is sealed is sealed with the new key, all or nothing. A key in the file\n"
    "master.key is replaced by a new random one, and kept beside it for old backups. A key in\n"
    "BELLPULL_MASTER_KEY is replaced by that in BELLPULL_NEW_MASTER_KEY; start the server with it\n"
    "as BELLPULL_MASTER_KEY afterwards.\n\nExamples:\n"
    "  bellpull rotate-key --data /var/lib/bellpull\n"
    "  BELLPULL_NEW_MASTER_KEY=$(openssl rand -hex 32) bellpull rotate-key\n";

fs::path key_file(const fs::path& folder) { return folder / "master.key"; }
fs::path pending_file(const fs::path& folder) { return folder / "master.key.next"; }

// A name that no file has: rotations of one millisecond are told apart too.
fs::path new_retired_file(const fs::path& folder) {
  std::string time = to_iso(SystemClock{}.now());
  std::erase_if(time, [](char c) { return c == ':' || c == '-' || c == '.'; });
  fs::path file = folder / ("master.key.retired-" + time);
  for (int next = 2; fs::exists(file); ++next) {
    file = folder / ("master.key.retired-" + time + "-" + std::to_string(next));
  }
  return file;
}

// The pending key becomes the key; gives where the old one is kept.
fs::path put_in_place(const fs::path& folder) {
  fs::path retired;
  if (fs::exists(key_file(folder))) {
    retired = new_retired_file(folder);
    rename_durably(key_file(folder), retired);
  }
  rename_durably(pending_file(folder), key_file(folder));
  return retired;
}

bool opens(const Vault& vault, const fs::path& folder) {
  const auto proof = read_key_proof(folder / main_file_name);
  return proof && is_proven(vault, *proof);
}

// On disk when there is a file for it, before anything is sealed with it.
Result<Vault> new_vault(const Settings& settings, const fs::path& folder) {
  if (settings.master_key && !settings.new_master_key) {
    return fail(
        ErrorCode::invalid,
        "BELLPULL_NEW_MASTER_KEY is missing: the present key is in BELLPULL_MASTER_KEY, and "
        "so the new one has no file",
        "make one with: openssl rand -hex 32");
  }
  if (!settings.new_master_key) return Vault::make_file(pending_file(folder));
  auto vault = Vault::from_hex(*settings.new_master_key);
  if (!vault) {
    vault.error().message = "BELLPULL_NEW_MASTER_KEY: " + vault.error().message;
    return vault;
  }
  if (!settings.master_key) {
    write_private_file(pending_file(folder), *settings.new_master_key + "\n");
  }
  return vault;
}

}  // namespace

Result<KeyRotation> rotate_key(const Settings& settings) {
  if (!fs::exists(settings.data / main_file_name)) {
    return fail(ErrorCode::not_found, "there is no data directory at " + settings.data.string(),
                "name it with --data DIR");
  }
  ::umask(077);
  const auto directory = DataDirectory::open(settings.data);
  if (!directory) return std::unexpected(directory.error());
  const auto old_key = open_vault(settings, *directory);
  if (!old_key) return std::unexpected(old_key.error());
  const auto new_key = new_vault(settings, settings.data);
  if (!new_key) return std::unexpected(new_key.error());
  if (opens(*new_key, settings.data)) {
    return fail(ErrorCode::conflict, "the secrets are sealed with the new key already",
                "start the server with it");
  }
  SystemRandom random;
  const auto resealed = reseal_everything(
      settings.data / main_file_name, random,
      [&](Transaction& rows) { return prove_master_key(rows, *old_key); },
      [&](std::string_view sealed, std::string_view place) -> std::optional<std::string> {
        const auto plain = old_key->open(sealed, place);
        if (!plain) return std::nullopt;
        return new_key->seal(*plain, place);
      });
  if (!resealed) {
    if (!settings.master_key) fs::remove(pending_file(settings.data));
    return std::unexpected(resealed.error());
  }
  KeyRotation rotation{
      .values = resealed->values, .unreadable = resealed->unreadable, .retired_file = {}};
  if (!settings.master_key) rotation.retired_file = put_in_place(settings.data);
  return rotation;
}

Result<void> finish_key_rotation(const fs::path& folder) {
  if (!fs::exists(pending_file(folder)) || !fs::exists(folder / main_file_name)) return {};
  const auto pending = Vault::from_file(pending_file(folder));
  if (!pending) return std::unexpected(pending.error());
  if (opens(*pending, folder)) {
    put_in_place(folder);
    return {};
  }
  // It was made, but nothing was sealed with it. Only known when the key there is does open.
  const auto present = Vault::from_file(key_file(folder));
  if (present && opens(*present, folder)) fs::remove(pending_file(folder));
  return {};
}

int run_rotate_key(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const auto asks_for_help = [](const std::string& word) {
    return word == "--help" || word == "-h";
  };
  if (std::ranges::any_of(arguments, asks_for_help)) {
    std::cout << help;
    return 0;
  }
  std::optional<int> exit_code;
  const auto settings = read_settings(arguments, process_environment(), exit_code);
  if (exit_code) return *exit_code;
  if (!settings) return report(settings.error());
  try {
    const auto rotation = rotate_key(*settings);
    if (!rotation) return report(rotation.error());
    std::cout << "the master key was replaced: " << rotation->values
              << " values are sealed with the "
              << "new one\n";
    if (rotation->unreadable > 0) {
      std::cout << rotation->unreadable
                << " could not be read with the old key and were left as they were\n";
    }
    if (rotation->retired_file.empty()) {
      std::cout << "start the server with it as BELLPULL_MASTER_KEY\n";
    } else {
      std::cout << "the old one is kept in " << rotation->retired_file.string()
                << ", for backups from before; remove it when there are none\n";
    }
    return 0;
  } catch (const std::exception& problem) {
    return report({ErrorCode::unavailable, problem.what(), {}});
  }
}

}  // namespace bellpull
