#include "api/dataset_fields.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/value.hpp>

#include "api/field.h"
#include "api/field_value.h"
#include "base/result.h"
#include "domain/dataset.h"

namespace bellpull {

namespace {

constexpr std::size_t max_instruction_bytes = 65'535;
constexpr std::size_t max_separators_bytes = 1024;

// There is one store; another's name is kept as it is given.
Result<std::string> read_store(std::string_view name, const FieldShape& shape,
                               const boost::json::value& given) {
  const auto text = read_optional_text(name, shape, given);
  if (!text) return std::unexpected(text.error());
  return text->value_or("default");
}

// Kept as given: a separator may well be a blank.
Result<std::optional<std::string>> read_separators(std::string_view name, const FieldShape& shape,
                                                   const boost::json::value& given) {
  auto text = read_text(name, shape, given);
  if (!text) return std::unexpected(std::move(text.error()));
  if (text->empty()) return std::nullopt;
  return std::move(*text);
}

}  // namespace

Fields<Dataset> dataset_fields() {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const FieldShape name{.max_bytes = max_name_bytes};
  const FieldShape instruction{.max_bytes = max_instruction_bytes};
  return {
      id_field<Dataset>(),
      alias_field<Dataset>(),
      text("name", &Dataset::name, name),
      text("description", &Dataset::description, {.max_bytes = max_description_bytes}),
      blueprint_field<Dataset>(),
      member_field("store", name, &Dataset::store, read_store, write_text).create_only(),
      optional_text("reranker", &Dataset::reranker, name),
      optional_integer("recordMaxTokens", &Dataset::record_max_tokens, 1, most),
      optional_number("searchMinScore", &Dataset::search_min_score, 0),
      optional_integer("searchMaxRecords", &Dataset::search_max_records, 1, most),
      optional_integer("searchMaxTokens", &Dataset::search_max_tokens, 1, most),
      optional_text("matchInstruction", &Dataset::match_instruction, instruction),
      optional_text("mismatchInstruction", &Dataset::mismatch_instruction, instruction),
      member_field("separators", FieldShape{.nullable = true, .max_bytes = max_separators_bytes},
                   &Dataset::separators, read_separators, write_optional_text),
      visibility_field<Dataset>(),
      meta_field<Dataset>(),
      timestamp("createdAt", &Dataset::created_at),
      timestamp("updatedAt", &Dataset::updated_at),
  };
}

}  // namespace bellpull
