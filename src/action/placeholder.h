// One placeholder of an instruction: what the model may supply, and how it is written into the
// text. The grammar is appendix B.3 of the contract.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace bellpull {

// Lists and objects can be declared by structured instructions only.
enum class FieldType : std::uint8_t { text, number, boolean, list, object };

// What an operand does to the inserted text.
enum class Transform : std::uint8_t {
  uri_component,       // euc
  json_text,           // js, ys: a JSON text is a YAML text
  json_value,          // j, y
  double_quoted,       // dq
  single_quoted,       // sq
  double_quotes_only,  // edq: escapes them
  single_quotes_only,  // esq
  one_line,            // rn
  trimmed              // trim
};

// Where in the text a placeholder stands. It decides what is written when the instruction's author
// named no encoding, and what can never be written, so that a value stays a value (W49).
enum class Place : std::uint8_t {
  plain,
  url_start,  // the URL itself
  url_host,
  url_path,  // a part of it, which adds no segments
  url_rest,  // all of it
  url_query,
  header,
  json_string,  // between the quotes of a JSON string
  json_value,
  form,
  mail_address,  // with other text beside it
  text,          // as it is, and never with a type
  unknown        // the server can't tell how a value is written
};

struct Operand {
  Transform transform;
  bool only_with_value = false;  // "euc?": without a value nothing at all is inserted
};

struct Placeholder {
  std::string name;
  bool required = false;
  bool server_side = false;  // ${SECRET_X} and the like: never the model's
  FieldType type = FieldType::text;
  std::vector<Operand> operands;
  std::vector<std::string> choices;  // enum
  std::optional<double> least;       // of a number, or of a text's length
  std::optional<double> most;
  std::optional<std::string> default_text;
  std::string format;
  std::string removed;  // sanitize: a character class, "[^a-z]"
  std::string description;
  boost::json::object schema = {};  // of a list or an object: JSON Schema, with its type
  Place place = Place::plain;
};

// Whether a name is one of the server's: SECRET_X, CONTACT_ID and the like.
bool is_server_name(std::string_view name);

// Whether its value is another's than the author's and the server's: the model's, or a claim of
// whoever sent the event (CONTACT_NAME and the like). No secret goes where such a value says.
bool is_chosen_by_caller(const Placeholder& field);

// Reads a placeholder at the start of `text`. Nothing when none begins there; an error when one
// does that cannot be understood.
struct ReadPlaceholder {
  Placeholder field;
  std::size_t length = 0;  // in `text`
};
std::optional<Result<ReadPlaceholder>> read_placeholder(std::string_view text);

// The model's argument as the field has it: the default where it is missing, "7" as 7 for a number,
// checked against type, choices and limits. A null value: there is none.
Result<boost::json::value> accept_value(const Placeholder& field,
                                        const boost::json::value* argument);

// What one occurrence inserts into a text for an accepted value.
Result<std::string> insertion(const Placeholder& occurrence, const boost::json::value& value);

// What an occurrence is that stands alone, where a value keeps its type. Operands that quote do
// nothing there.
Result<boost::json::value> typed_insertion(const Placeholder& occurrence,
                                           const boost::json::value& value);

}  // namespace bellpull
