// Which of the forms of appendix B.1 an instruction has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace bellpull {

enum class Form : std::uint8_t { empty, catalogue, structured, blocks, unclosed, prose };

struct FencedBlock {
  std::string action;
  boost::json::object options;
  std::string text;
};

struct InstructionForm {
  Form form = Form::prose;
  // blocks: those that name an action, in order, and the text around them. Blocks that name none
  // are part of that text.
  std::vector<FencedBlock> blocks;
  std::string around;
};

InstructionForm detect_form(std::string_view text);

}  // namespace bellpull
