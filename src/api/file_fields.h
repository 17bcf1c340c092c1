// The wire of files (api-contract.md 2.15).
#pragma once

#include "api/field.h"
#include "domain/file.h"

namespace bellpull {

Fields<File> file_fields();

}  // namespace bellpull
