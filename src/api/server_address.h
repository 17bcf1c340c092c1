// Where clients reach this server, for the absolute URLs in replies.
#pragma once

#include <cstdint>
#include <string>

#include "http/request.h"

namespace bellpull {

// Whether a proxy before us says what the client asked for. Who can reach us without that proxy
// could say it too.
enum class ForwardedHeaders : std::uint8_t { ignored, trusted };

struct ServerAddress {
  std::string public_url;  // "https://bell.example.com"; empty: as the request names it
  ForwardedHeaders forwarded = ForwardedHeaders::ignored;

  // "http://127.0.0.1:8484". Empty when nothing says it: a path alone is then relative to what the
  // client asked.
  std::string url_for(const RequestHead& request) const;
};

}  // namespace bellpull
