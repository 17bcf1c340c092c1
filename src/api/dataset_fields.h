// The wire of datasets (api-contract.md 2.5).
#pragma once

#include "api/field.h"
#include "domain/dataset.h"

namespace bellpull {

Fields<Dataset> dataset_fields();

}  // namespace bellpull
