// Where the placeholders of a fetch stand: in the URL, a header, or what kind of body.
#pragma once

#include "action/template.h"

namespace bellpull {

// Sets `place` of every field of a fetch's input; gives whether the caller (the model, or the
// event by what it claims) chooses the host.
bool mark_fetch_places(TemplateMap& input);

// Every field below is the value of a header: no line break gets in.
void mark_headers(TemplateValue& headers);
// A whole URL; gives whether the caller chooses its host.
bool mark_url(TemplateValue& url);

}  // namespace bellpull
