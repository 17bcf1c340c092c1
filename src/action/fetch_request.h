// The input of fetch: a bare URL, an HTTP message, or a map of its parts (api-contract.md, B.4).
// A message is a text, or what mark_fetch_places() made of one (fetch_message.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/jmespath.h"
#include "base/json_query.h"
#include "base/result.h"
#include "egress/http_call.h"

namespace bellpull {

enum class FetchFormat : std::uint8_t { by_type, json, text };

// What of the reply the model is given.
struct FetchReading {
  FetchFormat format = FetchFormat::by_type;
  // At most one of them: the part of the JSON body.
  std::optional<JmesPath> jmespath;
  std::optional<JsonQuery> jsonpath;
};

struct WantedFetch {
  HttpCall call;  // method, URL, headers and body
  FetchReading reading;
};

// Headers without a value are left out; a body without a content type gets one by its looks. Tells
// all problems.
Result<WantedFetch> parse_fetch(const boost::json::object& input);

// Whether the method may be repeated (RFC 9110, 9.2.2).
bool is_idempotent_method(std::string_view method);

}  // namespace bellpull
