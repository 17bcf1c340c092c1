#include "app/report.h"

#include <iostream>

#include "base/result.h"

namespace bellpull {

int report(const Error& error) {
  std::cerr << "error: " << error.message << "\n";
  if (!error.hint.empty()) std::cerr << "  try:  " << error.hint << "\n";
  return error.code == ErrorCode::invalid ? 2 : 1;
}

}  // namespace bellpull
