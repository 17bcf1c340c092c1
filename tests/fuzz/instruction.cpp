// An ability's instruction, and after a zero byte the arguments that a model gives for it.
#include "action/instruction.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "action/action.h"
#include "action/action_set.h"
#include "action/block.h"
#include "action/character_class.h"
#include "action/echo.h"
#include "action/fetch_places.h"
#include "action/shape.h"
#include "action/template.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/task.h"
#include "fuzz/claim.h"

namespace bellpull {
namespace {

// An action that is read like fetch and sql, and never made.
class Read final : public Action {
 public:
  const ActionShape& shape() const override {
    static const ActionShape shape{
        .main = "request",
        .fields = {"url", "path", "query", "headers", "body", "statement"},
        .bound = "statement",
        .secret_fields = {"request", "headers"}};
    return shape;
  }
  bool mark(TemplateMap& input) const override { return mark_fetch_places(input); }
  bool is_idempotent(const ActionRequest&) const override { return true; }
  Task<ActionOutcome> execute(ActionRequest) override { co_return ActionOutcome{}; }
};

const ActionSet& actions() {
  static const ActionSet set = [] {
    ActionSet made;
    made.add("echo", std::make_unique<EchoAction>());
    made.add("fetch", std::make_unique<Read>());
    return made;
  }();
  return set;
}

}  // namespace
}  // namespace bellpull

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
  const Instruction instruction = parse_instruction(text, actions());
  claim(is_utf8(instruction.text()), "UTF-8 in an instruction");
  claim((instruction.kind() == InstructionKind::runs) == !instruction.blocks().empty(),
        "what runs has a block");
  claim(read_stored(boost::json::serialize(instruction.parameters())).has_value(),
        "the JSON of parameters");
  const auto values = instruction.accept(arguments);
  if (!values) {
    claim(is_utf8(values.error().message), "UTF-8 in an error");
    return 0;
  }
  ServerValues server;
  for (const auto& name : instruction.server_names()) {
    server.emplace(name, ServerValue{.text = "value", .scheme = {}});
  }
  for (const Block& block : instruction.blocks()) {
    const auto filled = block.fill(*values, server);
    claim(is_utf8(filled ? boost::json::serialize(*filled) : filled.error().message),
          "UTF-8 in what is filled in");
    claim(block.fill(*values, server).has_value() == filled.has_value(), "one answer");
  }
  return 0;
}
