// The files in the data directory by which the command line on the same machine finds the server
// and may use it.
#pragma once

#include <filesystem>
#include <string>

#include "base/random.h"

namespace bellpull {

// The first account's token: the one that the folder holds, else a new one that is written there,
// flushed, and readable by its owner only. Throws when it cannot be written.
std::string admin_token_in(const std::filesystem::path& folder, Random& random);

// Names the running server while it lives. A crash leaves it behind, so readers try it and go on.
class ServerFile {
 public:
  ServerFile(const std::filesystem::path& folder, const std::string& url);
  ~ServerFile();
  ServerFile(const ServerFile&) = delete;
  ServerFile& operator=(const ServerFile&) = delete;

 private:
  const std::filesystem::path file_;
};

}  // namespace bellpull
