// Reading one JSON value by the rules of its field: what each kind of field accepts, and how it
// says what is wrong ("name must be at most 191 bytes"). null always means the field's default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "base/time.h"

namespace bellpull {

enum class ValueKind : std::uint8_t {
  id,  // the resource's own
  text,
  reference,  // the id or alias of another resource
  boolean,
  integer,
  number,
  timestamp,  // read as ms or ISO 8601, written in the caller's form
  choice,     // one of `choices`
  object,
  meta,  // an object of the account's own
  list,
};

// What a field holds, for its reader and for the API's description.
struct FieldShape {
  ValueKind kind = ValueKind::text;
  bool nullable = false;
  std::size_t max_bytes = 0;  // of a text, in UTF-8; 0: the body's limit is enough
  std::size_t max_characters = 0;
  std::int64_t minimum = 0;  // of an integer
  std::int64_t maximum = 0;
  std::vector<std::string_view> choices;
  std::string_view pattern;  // a regular expression of what the reader checks
  std::string_view about;    // what the field means, for the API's description
};

Result<std::string> read_text(std::string_view name, const FieldShape& shape,
                              const boost::json::value& given);
// Trimmed; "" is nothing, like null.
Result<std::optional<std::string>> read_optional_text(std::string_view name,
                                                      const FieldShape& shape,
                                                      const boost::json::value& given);
// a-z, 0-9, "_" and "-", at most `max_bytes`; "" is none.
Result<std::optional<std::string>> read_alias(std::string_view name, const FieldShape& shape,
                                              const boost::json::value& given);
Result<bool> read_boolean(std::string_view name, const FieldShape& shape,
                          const boost::json::value& given);
Result<std::optional<std::int64_t>> read_optional_integer(std::string_view name,
                                                          const FieldShape& shape,
                                                          const boost::json::value& given);
// At least `minimum`; with a fraction or without.
Result<std::optional<double>> read_optional_number(std::string_view name, const FieldShape& shape,
                                                   const boost::json::value& given);
Result<std::optional<TimePoint>> read_optional_time(std::string_view name, const FieldShape& shape,
                                                    const boost::json::value& given);
// The index of the choice; null is the first one.
Result<std::size_t> read_choice(std::string_view name, const FieldShape& shape,
                                const boost::json::value& given);

// `text` as one of `choices`. Fails with a list of them, and with a hint when one is near.
Result<std::size_t> find_choice(std::string_view name, std::span<const std::string_view> choices,
                                std::string_view text);

// A new `meta`: an object that replaces the kept one, or the members of `$update` that are merged
// into it.
struct MetaChange {
  bool merges = false;
  std::string members;  // a JSON object
};
Result<MetaChange> read_meta(std::string_view name, const FieldShape& shape,
                             const boost::json::value& given);
// The meta after the change, as JSON text. Fails when it becomes too large.
Result<std::string> apply_meta(std::string_view name, const MetaChange& change,
                               std::string_view kept);

// The same error, saying which field named what is not there or not to be used.
Error names_field(Error error, std::string_view name, std::string_view text);

std::string_view trimmed(std::string_view text);
// How many code points a UTF-8 text has.
std::size_t characters(std::string_view text);

}  // namespace bellpull
