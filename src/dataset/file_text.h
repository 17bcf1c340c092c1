// The records that a file's content is imported as, by its type.
//
// - text/* (Markdown too, but not HTML): pieces of the text (text_splitter.h).
// - text/csv: one record a row, "column: value" a line; the first row names the columns.
// - JSONL: one record a line; of an object with a `text`, that text, and its `meta`.
// - JSON: the same of each item of a list; anything else is a text.
// What is longer than a record may be becomes several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bellpull {

// How long a record is where a dataset says nothing, in tokens.
inline constexpr std::int64_t default_record_tokens = 500;
inline constexpr std::size_t max_imported_records = 100'000;
// Their texts and metas together: each piece of an item has the item's meta, and each row of a CSV
// its column names, so a small content can be very many bytes.
inline constexpr std::size_t max_imported_bytes = std::size_t{64} * 1024 * 1024;

struct ImportedText {
  std::string text;
  std::string meta = "{}";
};

// Fails with `invalid` for a type that can't be imported, naming those that can.
Result<void> check_importable(std::string_view content_type);

// Fails with `invalid` when the content is not what its type says, or would be too many records,
// or too many bytes.
Result<std::vector<ImportedText>> texts_of_file(std::string_view content_type,
                                                std::string_view content, std::size_t max_bytes,
                                                const std::vector<std::string>& separators);

}  // namespace bellpull
