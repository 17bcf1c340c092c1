#include "api/idempotency_key.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/request.h"
#include "http/text.h"

namespace bellpull {

namespace {

constexpr std::string_view header_name = "idempotency-key";

bool is_visible(char c) { return c > ' ' && c <= '~'; }

}  // namespace

Result<std::string_view> idempotency_key(const RequestHead& request) {
  std::optional<std::string_view> key;
  for (const HeaderField& field : request.headers()) {
    if (!equals_ignoring_case(field.name, header_name)) continue;
    if (key && *key != field.value) {
      return fail(ErrorCode::invalid, "Idempotency-Key must be sent once");
    }
    key = field.value;
  }
  if (!key) return std::string_view{};
  if (key->empty() || key->size() > max_key_bytes || !std::ranges::all_of(*key, is_visible)) {
    return fail(ErrorCode::invalid, "Idempotency-Key must be 1 to 255 visible ASCII characters",
                "a UUID will do; without the header every request is a new one");
  }
  return *key;
}

}  // namespace bellpull
