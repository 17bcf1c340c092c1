// Which of the forms of appendix B.1 an instruction has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace bellpull {

enum class Form : std::uint8_t { empty, catalogue, structured, complex, simple, unclosed, prose };

struct InstructionForm {
  Form form = Form::prose;
  // simple:
  std::string action;
  boost::json::object options;
  std::string block;
};

InstructionForm detect_form(std::string_view text);

}  // namespace bellpull
