// In which form a list is answered (api-contract.md 1.5).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace bellpull {

enum class ListForm : std::uint8_t { json, json_lines, server_sent_events, csv };

// The form that an Accept header asks for: the best of its list that we have, JSON when there is no
// header. Fails with `invalid` when we have none of them.
Result<ListForm> choose_list_form(std::string_view accept);

// Whether an Accept header names this media type itself; a wildcard does not.
bool names_media(std::string_view accept, std::string_view media_type);

// The media type before ';', trimmed, compared in any case.
bool is_media_type(std::string_view content_type, std::string_view wanted);

}  // namespace bellpull
