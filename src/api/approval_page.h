// The page at which a person decides an approval by its link: one self-contained HTML document
// that works without scripts, and can neither load anything nor be framed.
//
// Question, details and names come from models, events and users: all of it is shown as text.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/approval.h"
#include "http/response.h"

namespace bellpull {

struct ApprovalPage {
  const Approval& approval;
  std::string_view trigger_name;
  TimePoint now;
  // What was wrong with an answer, and its note, which is not lost; both empty at first.
  std::string_view problem;
  std::string_view note;
};

// With the form while it can be decided; else with what it came to.
Response approval_page(int status, const ApprovalPage& page);
// A page that says one thing, and nothing of any approval.
Response message_page(int status, std::string_view title, std::string_view text);

}  // namespace bellpull
