#include "action/shape.h"

#include <algorithm>
#include <string_view>

namespace bellpull {

bool ActionShape::has(std::string_view field) const {
  return field == main || field == timeout_field || field == concurrency_field ||
         std::ranges::find(fields, field) != fields.end();
}

bool ActionShape::takes_secrets(std::string_view field) const {
  return std::ranges::find(secret_fields, field) != secret_fields.end();
}

}  // namespace bellpull
