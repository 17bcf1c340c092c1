#include "agent/sender.h"

#include "agent/run_plan.h"
#include "base/json.h"
#include "domain/event.h"

namespace bellpull {

bool is_from_anybody(const Event& event, const RunPlan& plan) {
  switch (event.source) {
    case EventSource::schedule:
    case EventSource::invoke:
      return false;
    case EventSource::request:
      return !plan.authenticates;
    case EventSource::replay:  // of whatever it was
      if (!plan.authenticates) return true;
      break;
    case EventSource::action:
      break;
  }
  return parse_stored(event.headers).contains(claimed_contact_header);
}

}  // namespace bellpull
