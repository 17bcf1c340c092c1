// A field that a structured instruction declares by a tag, !string { name: title, ... }.
#pragma once

#include <cstddef>
#include <string>
#include <yaml-cpp/node/node.h>

#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

// The tag of a node without its "!"; empty for a node without a tag of its own, and for YAML's own.
std::string field_tag(const YAML::Node& node);
// The root's may be that of an action: "shell.exec" is given as "shell/exec".
std::string root_tag(const YAML::Node& node);

// The field of a tagged node. Takes what is nested in it off the values that the instruction may
// still have. Fails when there are none left, for a tag of no kind of field and for a declaration
// that is none.
Result<Placeholder> read_yaml_field(const YAML::Node& node, const std::string& tag,
                                    std::size_t& values_left);

}  // namespace bellpull
