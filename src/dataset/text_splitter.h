// Takes a long text apart into pieces of a bounded size, where it hurts least.
//
// Separators that the dataset names part the text everywhere. What is longer than a piece may be
// is parted at paragraphs, else lines, else sentences, else words, and only then between two
// characters; short neighbours stay together.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

// The separators of a dataset: one a line, where \n, \t and \\ stand for themselves.
std::vector<std::string> parse_separators(std::string_view text);

// Pieces without blanks around them; none is blank. Views into `text`.
std::vector<std::string_view> split_text(std::string_view text, std::size_t max_bytes,
                                         const std::vector<std::string>& separators);

}  // namespace bellpull
