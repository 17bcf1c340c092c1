// The folder that holds everything, and the lock that keeps a second process out of it.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace bellpull {

class DataDirectory {
 public:
  // Makes the folder (its owner's only) when there is none. Fails with `conflict` when another
  // process serves it.
  static Result<DataDirectory> open(const std::filesystem::path& folder);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::filesystem::path& folder() const { return folder_; }
  // Nothing had been kept here before.
  bool is_new() const { return is_new_; }

 private:
  DataDirectory(std::filesystem::path folder, int lock, bool is_new);

  std::filesystem::path folder_;
  int lock_ = -1;
  bool is_new_ = false;
};

// Names of what lies in it.
inline constexpr const char* main_file_name = "bellpull.db";
inline constexpr const char* index_file_name = "index.db";

}  // namespace bellpull
