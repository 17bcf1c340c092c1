// How many postings an index file has, without any knowledge of terms.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "sqlite/database.h"
#include "sqlite/posting_block.h"

namespace bellpull {

// Of the terms for which the condition `where` holds.
inline std::size_t count_postings(const std::filesystem::path& folder,
                                  const std::string& where = "true") {
  Database index{folder / "index.db", OpenMode::read};
  Statement blocks{index, "select first, rest from postings where " + where};
  std::size_t count = 0;
  while (blocks.step()) count += unpack_ids(blocks.number(0), blocks.view(1)).size();
  return count;
}

}  // namespace bellpull
