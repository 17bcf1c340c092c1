// The MCP servers of the configuration file: `[mcp.NAME]`, one table each. They have neither flags
// nor variables, as a list of named things has no place in either.
#pragma once

#include <vector>

#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/settings.h"
#include "base/result.h"
#include "mcp/server_settings.h"

namespace bellpull {

// `${NAME}` in a value of `environment` or `headers` is the variable of that name in `environment`,
// so that a secret need not stand in the file. Fails with all that is wrong, each with its key.
Result<std::vector<McpServerSettings>> read_mcp_settings(const toml::table& servers,
                                                         const Environment& environment);

}  // namespace bellpull
