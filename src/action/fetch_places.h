// Where the placeholders of a fetch block stand: in the URL, a header, or what kind of body.
#pragma once

#include <vector>

#include "action/instruction.h"

namespace bellpull {

// Sets `place` of every field in the segments of a fetch block.
void mark_fetch_places(std::vector<Instruction::Segment>& segments);

}  // namespace bellpull
