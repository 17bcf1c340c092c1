// What the API's description calls a kind of resource, in a sentence: "a bot", "abilities".
#pragma once

#include <string>
#include <string_view>

namespace bellpull {

// Of "Ability": "an ability".
std::string with_article(std::string_view kind);
// Of "Ability": "abilities".
std::string plural(std::string_view kind);

}  // namespace bellpull
