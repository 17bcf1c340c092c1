// What a person types to mean one resource: its id, "@alias", or a name that only one has. A part
// of an id does when it is unique, because tables shorten ids.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "cli/client.h"
#include "cli/failure.h"

namespace bellpull::cli {

struct ResourceKind {
  std::string_view noun;  // "trigger", also the prefix of its ids
  std::string_view path;  // "/integration/trigger"
  bool has_fetch = true;  // else it is found in its list
};

inline constexpr ResourceKind trigger_kind{"trigger", "/integration/trigger"};
inline constexpr ResourceKind bot_kind{"bot", "/bot"};
inline constexpr ResourceKind token_kind{"token", "/token"};
inline constexpr ResourceKind account_kind{"account", "/account", false};
inline constexpr ResourceKind approval_kind{"approval", "/approval"};
inline constexpr ResourceKind conversation_kind{"conversation", "/conversation"};

// The resource itself. Fails with `not_found` and the nearest name, or with `conflict` and the
// candidates when several have that name.
Outcome<boost::json::object> find_resource(Client& client, const ResourceKind& kind,
                                           std::string_view reference);

}  // namespace bellpull::cli
