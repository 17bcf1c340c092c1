// An ability's instruction, read once: api-contract.md, appendix B.
//
// Only the simple form runs: one fenced block that names an action. Plain text is for the model to
// read. The other forms are told apart, so that the model hears what is not supported instead of
// seeing something else happen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

enum class InstructionKind : std::uint8_t { simple, prose, unsupported };

class Instruction {
 public:
  // Text between placeholders, and the placeholders.
  using Segment = std::variant<std::string, Placeholder>;

  InstructionKind kind() const { return kind_; }
  const std::string& action() const { return action_; }            // simple: "dataset/search"
  const boost::json::object& options() const { return options_; }  // simple: "/timeout=5" as text
  const std::string& text() const { return text_; }  // prose: itself; unsupported: why, a sentence

  // JSON Schema of the arguments: one property for each field that the model supplies.
  boost::json::object parameters() const;

  // The block's text with the arguments in place of the fields. Fails, naming the field, when a
  // value is missing or does not fit, and for a field of the server (a secret) that is not there:
  // nothing may leave with such a name in it.
  Result<std::string> fill(const boost::json::object& arguments) const;

 private:
  friend Instruction parse_instruction(std::string_view text);

  InstructionKind kind_ = InstructionKind::prose;
  std::string action_;
  boost::json::object options_;
  std::string text_;
  std::vector<Segment> segments_;
  std::vector<Placeholder> fields_;  // one for each name, all that its occurrences declare together
};

// Never fails: what cannot be understood is `unsupported`, and says why.
Instruction parse_instruction(std::string_view text);

}  // namespace bellpull
