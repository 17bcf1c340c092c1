// Text in Markdown that stays text: whatever it has in it, it cannot end the block or span that it
// stands in.
#pragma once

#include <string>
#include <string_view>

namespace bellpull {

// A block of `text` as it is, between fences that are longer than any run of backticks in it.
std::string fenced(std::string_view text, std::string_view language);

// `text` on one line, between backticks; nothing readable is lost but line breaks.
std::string code_span(std::string_view text);

}  // namespace bellpull
