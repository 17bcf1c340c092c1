// Cursors and ids, as paths and queries name them: what is taken is what we would write.
#include "api/cursor.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domain/ids.h"
#include "fuzz/claim.h"

namespace bellpull {
namespace {

template <class Id>
void check_id(std::string_view text) {
  if (const auto id = Id::parse(text)) claim(id->text() == text, "an id that reads as another");
}

}  // namespace
}  // namespace bellpull

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellpull;
  const std::string_view text = text_of(data, size);
  for (const std::string_view kind : {"bot", "conversation", "event", "message", ""}) {
    if (const auto number = from_cursor(kind, text)) {
      claim(*number > 0 && to_cursor(kind, *number) == text, "a cursor that reads as another");
    }
  }
  check_id<BotId>(text);
  check_id<TriggerId>(text);
  check_id<ConversationId>(text);
  check_id<EventId>(text);
  check_id<RunId>(text);
  check_id<StepId>(text);
  check_id<MessageId>(text);

  // Every number has a cursor.
  std::uint64_t number = 0;
  for (const char c : text.substr(0, 8)) number = number << 8 | static_cast<std::uint8_t>(c);
  const auto row = static_cast<std::int64_t>(number >> 1);
  if (row > 0) claim(from_cursor("bot", to_cursor("bot", row)) == row, "a cursor of its own");
  return 0;
}
