// What a replay changes of its event: `{"body": ..., "headers": {...}}`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "api/schema.h"
#include "base/result.h"
#include "domain/event.h"

namespace bellpull {

struct ReplayEdits {
  std::optional<std::string> body;
  std::optional<std::string> content_type;
  // Headers to set, or with nothing, to leave out.
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  // A body that is an object or a list is sent as JSON. Fails with all that is wrong, or with
  // `too_large` for a body over the limit.
  static Result<ReplayEdits> parse(const boost::json::object& given, std::size_t body_limit);
  void apply(Event& event) const;
};

// Of such a body.
Schema replay_body_schema();

}  // namespace bellpull
