// An ability's instruction, read once: api-contract.md, appendix B.
//
// Of every form becomes the same: blocks to run in order, each an action with an input. Plain text
// is for the model to read. What cannot be understood says why, so that the model hears it instead
// of seeing something else happen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "action/block.h"
#include "action/placeholder.h"
#include "base/result.h"

namespace bellpull {

class ActionSet;

enum class InstructionKind : std::uint8_t { runs, prose, unsupported };

class Instruction {
 public:
  InstructionKind kind() const { return kind_; }
  const std::vector<Block>& blocks() const { return blocks_; }  // runs: at least one
  // prose: itself; unsupported: why, a sentence; runs: what stands around the blocks, guidance for
  // the model.
  const std::string& text() const { return text_; }

  // JSON Schema of the arguments: one property for each field that the model supplies.
  boost::json::object parameters() const;
  // Names of the server's that the blocks use, each once.
  const std::vector<std::string>& server_names() const { return server_names_; }

  // The arguments as the fields take them, those that the author fixed included. Fails, naming the
  // field, when a value is missing or does not fit, and for one that is no field.
  Result<FieldValues> accept(const boost::json::object& arguments) const;

 private:
  friend class InstructionReader;

  InstructionKind kind_ = InstructionKind::prose;
  std::string text_;
  std::vector<Block> blocks_;
  std::vector<Placeholder> fields_;  // one for each name, all that its occurrences declare together
  std::vector<std::string> server_names_;
  boost::json::object fixed_;  // by the author of a template form
};

// Never fails: what cannot be understood is `unsupported`, and says why.
Instruction parse_instruction(std::string_view text, const ActionSet& actions);

}  // namespace bellpull
