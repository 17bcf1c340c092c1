#include "dataset/file_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/result.h"
#include "dataset/csv_reader.h"
#include "dataset/text_splitter.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What a content is imported as, within the bounds.
struct Texts {
  std::vector<ImportedText> all;
  std::size_t bytes = 0;
};

constexpr std::size_t max_meta_bytes = std::size_t{64} * 1024;

struct Bounds {
  std::size_t max_bytes;
  const std::vector<std::string>& separators;
};

// "Text/CSV; charset=utf-8" is text/csv.
std::string media_type(std::string_view content_type) {
  std::string type{content_type.substr(0, content_type.find(';'))};
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return type;
}

enum class Kind : std::uint8_t { none, text, csv, json, json_lines };

Kind kind_of(std::string_view content_type) {
  const std::string type = media_type(content_type);
  if (type == "text/csv" || type == "application/csv") return Kind::csv;
  if (type == "application/json" || type == "text/json") return Kind::json;
  if (type == "application/jsonl" || type == "application/x-ndjson" ||
      type == "application/x-jsonlines" || type == "text/jsonl") {
    return Kind::json_lines;
  }
  if (type == "text/html" || type == "text/css" || type == "text/javascript") return Kind::none;
  const bool is_text = type.starts_with("text/") || type == "application/markdown";
  return is_text ? Kind::text : Kind::none;
}

std::unexpected<Error> too_many() {
  return fail(ErrorCode::invalid,
              fmt::format("the content would be more than {} records", max_imported_records),
              "upload it as several files");
}

std::unexpected<Error> too_large() {
  return fail(
      ErrorCode::invalid,
      fmt::format("the records of the content would be more than {} MiB: a long text with a "
                  "meta has it in each of its pieces, and each row of a CSV has the column "
                  "names",
                  max_imported_bytes >> 20U),
      "upload it as several files, shorten the metas or column names, or raise the "
      "dataset's recordMaxTokens");
}

Result<void> add(Texts& texts, std::string_view text, const std::string& meta,
                 const Bounds& bounds) {
  for (const std::string_view piece : split_text(text, bounds.max_bytes, bounds.separators)) {
    if (texts.all.size() == max_imported_records) return too_many();
    texts.bytes += piece.size() + meta.size();
    if (texts.bytes > max_imported_bytes) return too_large();
    texts.all.push_back({std::string{piece}, meta});
  }
  return {};
}

// By the rules of every meta (api-contract.md 1.9).
Result<std::string> kept_meta(const json::value& given) {
  if (!given.is_object()) return fail(ErrorCode::invalid, "its meta is not an object");
  for (const auto& member : given.get_object()) {
    if (std::string_view{member.key()}.starts_with('_')) {
      return fail(ErrorCode::invalid, "its meta has a key that starts with \"_\"");
    }
  }
  std::string text = json::serialize(given);
  if (text.size() > max_meta_bytes) {
    return fail(ErrorCode::invalid, fmt::format("its meta is over {} bytes", max_meta_bytes));
  }
  return text;
}

// A line of JSONL, or an item of a list. A record's own parts stay whole: separators are for text.
Result<void> add_value(Texts& texts, const json::value& value, const Bounds& bounds) {
  static const std::vector<std::string> none;
  const Bounds whole{bounds.max_bytes, none};
  if (value.is_string()) return add(texts, std::string_view{value.get_string()}, "{}", whole);
  const auto* object = value.if_object();
  const json::value* text = object != nullptr ? object->if_contains("text") : nullptr;
  if (text == nullptr || !text->is_string()) {
    return add(texts, json::serialize(value), "{}", whole);
  }
  const json::value* given = object->if_contains("meta");
  auto meta = given != nullptr ? kept_meta(*given) : Result<std::string>{"{}"};
  if (!meta) return std::unexpected(std::move(meta.error()));
  return add(texts, std::string_view{text->get_string()}, *meta, whole);
}

Result<Texts> texts_of_lines(std::string_view content, const Bounds& bounds) {
  Texts texts;
  for (std::size_t number = 1; !content.empty(); ++number) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto value = parse_foreign(line);
    auto added =
        value ? add_value(texts, *value, bounds) : fail(ErrorCode::invalid, "it is not valid JSON");
    if (added) continue;
    added.error().message = fmt::format("line {}: {}", number, added.error().message);
    return std::unexpected(std::move(added.error()));
  }
  return texts;
}

Result<Texts> texts_of_json(std::string_view content, const Bounds& bounds) {
  const auto value = parse_foreign(content);
  if (!value) return fail(ErrorCode::invalid, "the content is not valid JSON");
  Texts texts;
  const auto* items = value->if_array();
  if (items == nullptr) {
    if (auto added = add_value(texts, *value, bounds); !added) {
      return std::unexpected(std::move(added.error()));
    }
    return texts;
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto added = add_value(texts, (*items)[i], bounds);
    if (added) continue;
    added.error().message = fmt::format("item {}: {}", i + 1, added.error().message);
    return std::unexpected(std::move(added.error()));
  }
  return texts;
}

Result<Texts> texts_of_csv(std::string_view content, const Bounds& bounds) {
  static const std::vector<std::string> none;
  Texts texts;
  CsvReader rows{content};
  const std::vector<std::string> columns = rows.next().value_or(std::vector<std::string>{});
  while (const auto row = rows.next()) {
    std::string text;
    for (std::size_t i = 0; i < row->size(); ++i) {
      if ((*row)[i].empty()) continue;
      if (texts.bytes + text.size() > max_imported_bytes) return too_large();
      if (!text.empty()) text += '\n';
      if (i < columns.size() && !columns[i].empty()) text += columns[i] + ": ";
      text += (*row)[i];
    }
    if (auto added = add(texts, text, "{}", {bounds.max_bytes, none}); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  if (rows.is_too_wide()) {
    return fail(ErrorCode::invalid,
                fmt::format("a row of the CSV has more than {} values", max_csv_columns));
  }
  if (!rows.is_well_formed())
    return fail(ErrorCode::invalid, "a quoted value of the CSV has no end");
  return texts;
}

Result<Texts> texts_of_text(std::string_view content, const Bounds& bounds) {
  Texts texts;
  if (auto added = add(texts, content, "{}", bounds); !added) {
    return std::unexpected(std::move(added.error()));
  }
  return texts;
}

Result<Texts> read_content(std::string_view content_type, std::string_view content,
                           const Bounds& bounds) {
  switch (kind_of(content_type)) {
    case Kind::csv:
      return texts_of_csv(content, bounds);
    case Kind::json:
      return texts_of_json(content, bounds);
    case Kind::json_lines:
      return texts_of_lines(content, bounds);
    case Kind::text:
    case Kind::none:
      break;
  }
  return texts_of_text(content, bounds);
}

}  // namespace

Result<void> check_importable(std::string_view content_type) {
  if (kind_of(content_type) != Kind::none) return {};
  return fail(ErrorCode::invalid,
              "a file of the type " + media_type(content_type) + " cannot be imported",
              "upload it as text/plain, text/markdown, text/csv, application/json or "
              "application/jsonl");
}

Result<std::vector<ImportedText>> texts_of_file(std::string_view content_type,
                                                std::string_view content, std::size_t max_bytes,
                                                const std::vector<std::string>& separators) {
  if (auto checked = check_importable(content_type); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (content.starts_with(byte_order_mark)) content.remove_prefix(byte_order_mark.size());
  if (!is_utf8(content)) {
    return fail(ErrorCode::invalid, "the content is not UTF-8 text", "save it as UTF-8");
  }
  Result<Texts> texts = read_content(content_type, content, {max_bytes, separators});
  if (!texts) return std::unexpected(std::move(texts.error()));
  return std::move(texts->all);
}

}  // namespace bellpull
