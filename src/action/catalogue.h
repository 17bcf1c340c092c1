// Templates that an instruction may name instead of writing a block (api-contract.md, B.1): those
// names of the original's catalogue that map onto the actions of this server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"

namespace bellpull {

struct CatalogueUse {
  std::string name;           // "email/send"
  boost::json::object fixed;  // parameters that the author gave values; the others are asked for
};

// Reads "@name", or YAML with a "template" and optional "parameters"; a parameter that is null or
// empty is not given.
Result<CatalogueUse> read_catalogue_use(std::string_view text);

// The instruction that a name stands for; nothing for a name that is not known.
std::optional<std::string_view> catalogue_instruction(std::string_view name);
std::vector<std::string_view> catalogue_names();  // sorted

}  // namespace bellpull
