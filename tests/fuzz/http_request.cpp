// What a connection may bring: however its bytes are cut into pieces, the same requests come of it.
// Each is then read as an event, which is what most are. The first byte is the size of the pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "api/event_request.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/time.h"
#include "fuzz/claim.h"
#include "http/limits.h"
#include "http/method.h"
#include "http/read_buffer.h"
#include "http/request.h"
#include "http/request_reader.h"
#include "trigger/trigger_registry.h"

namespace bellpull {
namespace {

constexpr std::size_t budget_bytes = std::size_t{1} << 20;
constexpr std::uint64_t body_limit = 2'000;

void read_event(const Request& request) {
  const auto event = EventRequest::parse(request);
  if (!event) {
    claim(is_utf8(event.error().message), "UTF-8 in an error");
    return;
  }
  const NewEvent kept = event->to_event(KnownTrigger{.key = {1}, .account = {1}}, TimePoint{});
  claim(read_stored(kept.headers).has_value(), "the JSON of kept headers");
  for (const std::string_view text :
       {kept.content_type, kept.query, kept.session, kept.contact_name, kept.contact_email,
        kept.contact_phone, kept.idempotency_key, kept.body}) {
    claim(is_utf8(text), "UTF-8 in a kept event");
  }
}

std::string describe(RequestReader& reader) {
  const ParsedHead& head = reader.head();
  std::string text{to_string(head.method)};
  const auto add = [&](std::string_view part) { text.append(1, '\n').append(part); };
  add(head.target);
  add(head.path);
  add(head.query);
  for (const HeaderField& field : head.fields) {
    add(field.name);
    add(field.value);
  }
  add(head.keep_alive ? "keep-alive" : "close");
  add(reader.body());
  claim(reader.body().size() <= body_limit, "the limit of a body");
  read_event(Request{head, reader.body()});
  return text;
}

// What is seen of bytes that arrive in pieces.
std::string read(std::string_view bytes, std::size_t piece) {
  using State = RequestReader::State;
  const HttpLimits limits{.header_count = 20, .header_bytes = 2'048};
  BufferBudget budget{budget_bytes};
  ReadBuffer buffer{budget};
  RequestReader reader{limits, buffer};
  std::string seen;
  bool in_body = false;
  while (true) {
    const State state = in_body ? reader.read_body() : reader.read_head();
    if (state == State::refused) return seen + std::to_string(reader.refusal().status);
    if (state == State::complete && !in_body) {
      in_body = true;
      reader.limit_body(body_limit);
    } else if (state == State::complete) {
      seen += describe(reader) + "\n\n";
      reader.next();
      in_body = false;
    } else {
      if (bytes.empty()) return seen;
      const auto space = buffer.space();
      claim(!space.empty(), "room for what is within the limits");
      const std::size_t count = std::min({piece, bytes.size(), space.size()});
      std::memcpy(space.data(), bytes.data(), count);
      buffer.commit(count);
      bytes.remove_prefix(count);
    }
  }
}

}  // namespace
}  // namespace bellpull

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellpull;
  if (size == 0) return 0;
  const std::string_view bytes = text_of(data + 1, size - 1);
  const std::size_t piece = 1 + data[0] % 64;
  claim(read(bytes, bytes.size()) == read(bytes, piece), "the same from any pieces");
  return 0;
}
