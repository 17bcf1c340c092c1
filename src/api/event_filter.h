// Which events a request means: the parameters of `event/inbox/list` and `count`, and the `filter`
// of a call over many events, which are the same.
//
//   triggerId, conversationId, botId, contactId, state, source   any of several, by commas
//   session, idempotencyKey                                      that one text
//   contact, reason, error, q                                    a part of it, in any case
//   from, to (not included), until (the newest event)            when it came
//   minAttempts, minDurationMs, hasConversation, unknownOutcomes what became of it
//   body.order.id=7, body.items[].sku=x                          values inside a JSON body
#pragma once

#include <vector>

#include <boost/json/object.hpp>

#include "api/change.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "base/result.h"
#include "http/query.h"
#include "store/event_search.h"
#include "store/list.h"

namespace bellpull {

// The filters that compare, for lists.
const std::vector<FilterRule>& event_filter_rules();

// The others, for the API's description.
std::vector<Description::Parameter> event_search_parameters();
// The others. Names that it doesn't know are ignored, and of a repeated one the first counts.
Result<EventSearch> parse_event_search(const Query& query);
// What is wrong goes to `problems`, and the rest is read.
EventSearch read_event_search(const Query& query, Problems& problems);

// Both, of a body's object. Refuses a name that it doesn't know: a filter that was mistyped would
// mean more events.
Result<EventSelection> parse_event_filter(const boost::json::object& filter);

}  // namespace bellpull
