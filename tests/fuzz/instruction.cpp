// An ability's instruction, and after a zero byte the arguments that a model gives for it.
#include "action/instruction.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "action/character_class.h"
#include "base/encoding.h"
#include "base/json.h"
#include "fuzz/claim.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellpull;
  std::string_view input = text_of(data, size);
  if (!is_utf8(input)) return 0;  // no such text gets past the JSON parser
  const std::string_view text = take_until(input, '\0');
  const auto given = parse_foreign(input);
  const boost::json::object arguments =
      given && given->is_object() ? given->get_object() : boost::json::object{};

  if (const auto characters = CharacterClass::parse(text)) {
    claim(characters->without(input).size() <= input.size(), "taking characters only shortens");
  }
  const Instruction instruction = parse_instruction(text);
  claim(is_utf8(instruction.text()) && is_utf8(instruction.action()), "UTF-8 in an instruction");
  claim(read_stored(boost::json::serialize(instruction.parameters())).has_value(),
        "the JSON of parameters");
  const auto filled = instruction.fill(arguments);
  claim(is_utf8(filled ? *filled : filled.error().message), "UTF-8 in what is filled in");
  claim(instruction.fill(arguments).has_value() == filled.has_value(), "one answer");
  return 0;
}
