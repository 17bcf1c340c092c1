// Events, runs and steps as the API shows them. All of it is read-only.
#pragma once

#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/field.h"
#include "api/view.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"
#include "store/event_search.h"
#include "store/transaction.h"

namespace bellpull {

// A run with its event and the id of their trigger, which may be deleted by now.
struct InboxItem {
  Event event;
  Run run;
  std::optional<TriggerId> trigger;
};

InboxItem inbox_item(const Transaction& rows, EventAndRun found);
std::optional<TriggerId> trigger_of(const Transaction& rows, TriggerKey key);

// The calls of a run whose outcome nobody knew, with what was found out since, and what such a list
// is in a schema. A run that has none costs no look.
boost::json::array unknown_calls(const Transaction& rows, const Run& run, const View& view);
boost::json::object unknown_calls_schema();

const Fields<InboxItem>& inbox_fields();
const Fields<InboxItem>& run_fields();
const Fields<Step>& step_fields();
const Fields<Attempt>& attempt_fields();

// What an event is about, for a list: the `event` or `type` of a JSON body, else the beginning of
// the body. Empty for a body that lists are read without.
std::string summary_of(const Event& event);

}  // namespace bellpull
