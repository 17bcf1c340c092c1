// Where a list goes on: the creation number of the last row seen, with a check that it was made for
// this kind of list. So a row that is deleted meanwhile, or a clock that steps, changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bellpull {

std::string to_cursor(std::string_view kind, std::int64_t number);
// Nothing when the text is not a cursor of this kind of list.
std::optional<std::int64_t> from_cursor(std::string_view kind, std::string_view text);

}  // namespace bellpull
