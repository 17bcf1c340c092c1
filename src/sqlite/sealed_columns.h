// Every column that holds what the vault sealed. A new one has its line in the table, or a test
// fails: a change of the master key seals all of them anew, and would lose what it does not know.
#pragma once

#include <span>
#include <string_view>

namespace bellpull {

// A column whose name begins with "sealed".
struct SealedColumn {
  std::string_view table;
  std::string_view column;
  std::string_view place;  // SQL over the row: the place of use that the value is sealed for
};

std::span<const SealedColumn> sealed_columns();

}  // namespace bellpull
