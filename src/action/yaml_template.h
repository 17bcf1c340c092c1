// YAML whose scalars may hold placeholders, and whose tags may declare them (api-contract.md B.1,
// "structured": !string, !number, !boolean, !array, !object, !reference, !concat).
//
// Placeholders are taken out before the YAML is read and put back into the scalars afterwards, so
// their own characters cannot disturb it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "action/template.h"
#include "base/result.h"

namespace bellpull {

struct YamlTemplate {
  // Of the tag of the root, or of its key "action", whose value is the root then: "shell/exec" of
  // !shell.exec. Empty: no such tag.
  std::string action;
  TemplateValue root;
};

// Fails with line and reason for what is no YAML, for a tag of no kind of field, for anchors and
// aliases, and for more than 10,000 values (20,000 with keys) or 64 levels.
Result<YamlTemplate> read_yaml_template(std::string_view text);

// The keys of a text that is a YAML map, even of one that can't be read otherwise; none for any
// other text.
std::vector<std::string> yaml_root_keys(std::string_view text);

}  // namespace bellpull
