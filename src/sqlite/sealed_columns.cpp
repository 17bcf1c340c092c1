#include "sqlite/sealed_columns.h"

#include <array>
#include <span>

namespace bellpull {

namespace {

constexpr std::array columns{
    SealedColumn{"key_proof", "sealed", "'key_proof'"},
    SealedColumn{"triggers", "sealed_secret", "'trigger:' || id"},
    SealedColumn{"triggers", "sealed_previous_secret", "'trigger:' || id"},
    SealedColumn{"answers", "sealed", "'answer:' || token || ':' || path || ' ' || key"},
    SealedColumn{"secrets", "sealed_value", "'secret:' || id"},
    SealedColumn{"secrets", "sealed_config", "'secret_config:' || id"},
    SealedColumn{"personal_secrets", "sealed_value",
                 "'personal_secret:' || secret || ':' || contact"},
};

}  // namespace

std::span<const SealedColumn> sealed_columns() { return columns; }

}  // namespace bellpull
