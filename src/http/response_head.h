// The status line and headers of a reply as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/response.h"

namespace bellpull {

// How the client learns where the body ends.
enum class Framing : std::uint8_t { length, chunked, connection_close };
enum class Persistence : std::uint8_t { keep_alive, keep_alive_1_0, close };

// "Not Found"; "Unknown" for a status without a name.
std::string_view reason_phrase(int status);

// False for the statuses whose reply never has one.
bool allows_body(int status);

// Appends the head of `response` up to and with the empty line. A control character in a header
// becomes a space, so that a value can never end its line.
void append_head(std::string& out, const Response& response, Framing framing,
                 Persistence persistence, std::string_view date);

}  // namespace bellpull
