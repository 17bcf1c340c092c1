// The providers of the configuration file: `[provider.NAME]`, one table each.
#pragma once

#include <vector>

#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/settings.h"
#include "base/result.h"
#include "llm/provider_settings.h"

namespace bellpull {

// Fails with all that is wrong, each with its key. The base URL may be on an inside address,
// because the operator named it.
// NOLINTNEXTLINE(misc-include-cleaner): toml++ is meant to be included by one header only.
Result<std::vector<ProviderSettings>> read_provider_settings(const toml::table& providers,
                                                             const Environment& environment);

}  // namespace bellpull
