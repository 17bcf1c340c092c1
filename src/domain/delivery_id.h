// Where a sender's own id of a delivery stands in its requests: the idempotency key of events that
// come without an Idempotency-Key.
//
// The sources are asked in order: the headers, then the path into a JSON body. The first that has a
// usable id gives the key; when none has, the event has no key and is accepted like any other. An
// id is usable when it is text of 1 to 255 bytes, or a whole number.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json_path.h"
#include "base/result.h"

namespace bellpull {

class DeliveryId {
 public:
  static constexpr std::size_t max_headers = 8;
  static constexpr std::size_t max_header_bytes = 64;
  static constexpr std::size_t max_id_bytes = 255;

  // {"headers": ["webhook-id"], "jsonPath": "$.id"}; one of them may be absent or empty. Fails with
  // `invalid`, telling everything that is wrong.
  static Result<DeliveryId> read(const boost::json::value& given);

  // The same form, with both members; header names in lower case.
  boost::json::object to_json() const;

  // The key of a request, "" when it has none. It names its source, and no Idempotency-Key is like
  // it: "webhook-id msg_1", "$.id 17".
  using HeaderOf = std::function<std::string_view(std::string_view name)>;
  std::string key(const HeaderOf& header, std::string_view body) const;

 private:
  std::vector<std::string> headers_;
  std::optional<JsonPath> path_;
};

}  // namespace bellpull
