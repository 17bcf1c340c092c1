#include "app/runtime_files.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

#include <fmt/core.h>

#include "base/private_file.h"
#include "base/random.h"
#include "identity/bearer.h"

namespace bellpull {

std::string admin_token_in(const std::filesystem::path& folder, Random& random) {
  const std::filesystem::path file = folder / "admin.token";
  std::string token;
  if (std::ifstream kept{file}; kept >> token && has_token_form(token)) return token;
  token = std::string{token_prefix} + random.hex(token_secret_bytes);
  write_private_file(file, token + "\n");
  return token;
}

ServerFile::ServerFile(const std::filesystem::path& folder, const std::string& url)
    : file_(folder / "server.json") {
  write_private_file(file_, fmt::format("{{\"url\": \"{}\", \"pid\": {}}}\n", url, ::getpid()));
}

ServerFile::~ServerFile() {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace bellpull
