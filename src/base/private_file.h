// Small files that only their owner may read: keys, tokens.
#pragma once

#include <filesystem>
#include <string_view>

namespace bellpull {

// Writes `file` whole or not at all: under another name, flushed, then moved into place, and its
// folder flushed, so that it is there after a power loss. Throws std::system_error when the disk
// does not do its part.
void write_private_file(const std::filesystem::path& file, std::string_view text);
// The same for a file that is there.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace bellpull
