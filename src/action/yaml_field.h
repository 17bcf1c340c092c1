// A field that a structured instruction declares by a tag, !string { name: title, ... }.
#pragma once

#include <string>
#include <yaml-cpp/node/node.h>

#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

// The tag of a node without its "!"; empty for a node without a tag of its own, and for YAML's own.
std::string field_tag(const YAML::Node& node);
// The root's may be that of an action: "shell.exec" is given as "shell/exec".
std::string root_tag(const YAML::Node& node);

// The field of a tagged node. Fails for a tag of no kind of field and a declaration that is none.
Result<Placeholder> read_yaml_field(const YAML::Node& node, const std::string& tag);

}  // namespace bellpull
