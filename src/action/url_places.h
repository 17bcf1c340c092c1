// Where the fields of a URL stand, and which of them say what host it goes to.
#pragma once

#include "action/template.h"

namespace bellpull {

// Sets `place` of each; gives whether the caller has a part in choosing the host. The text is all
// of the URL.
bool mark_url_text(Segments& url);

// Sets `place` of each field of a path that is put behind `url`.
void mark_path_behind(const Segments& url, Segments& path);

}  // namespace bellpull
