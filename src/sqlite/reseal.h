// Sealing everything anew, for a change of the master key, while no server has the data directory.
//
// One transaction: after a crash at any point all values are under the old key, or all are under
// the new one, and the proof of the key says which. What was under the old key is overwritten in
// the file, and the log is emptied.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "store/transaction.h"

namespace bellpull {

// The value under the new key; nothing when it does not open under the old one.
using Reseal =
    std::function<std::optional<std::string>(std::string_view sealed, std::string_view place)>;

struct Resealed {
  std::int64_t values = 0;
  std::int64_t unreadable = 0;  // left as they were
};

// `prove` comes first, in the same transaction; nothing is changed when it fails. Throws what the
// disk does.
Result<Resealed> reseal_everything(const std::filesystem::path& main_file, Random& random,
                                   const std::function<Result<void>(Transaction&)>& prove,
                                   const Reseal& reseal);

// What a start knows the master key by, read without a store; nothing when none is kept.
std::optional<std::string> read_key_proof(const std::filesystem::path& main_file);

}  // namespace bellpull
