// Replacing the master key of a data directory that no server runs on: `bellpull rotate-key`.
//
// The new key is on disk (master.key.next) before anything is sealed with it; then everything is
// sealed anew in one commit; then it becomes master.key, and the old one is kept beside it. Killed
// in between, the next start or rotation finds by the proof in the store how far it came, and
// completes it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "app/settings.h"
#include "base/result.h"

namespace bellpull {

struct KeyRotation {
  std::int64_t values = 0;
  std::int64_t unreadable = 0;         // under the old key, too; left as they were
  std::filesystem::path retired_file;  // the old key; empty when it is no file's
};

// Fails when a server runs, when the present key is not the one that the secrets are sealed with,
// and when there is no place to put the new one.
Result<KeyRotation> rotate_key(const Settings& settings);

// Completes what a rotation that was killed had decided. Fails when a key file cannot be read.
Result<void> finish_key_rotation(const std::filesystem::path& folder);

// `bellpull rotate-key` with these arguments, to the exit code.
int run_rotate_key(int argc, char** argv);

}  // namespace bellpull
