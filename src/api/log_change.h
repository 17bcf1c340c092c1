// Writes the event log's entries of what is done through the API, in the transaction that does it:
// what was done, to which resource, with which fields, and by whose token.
//
//   log_change(rows, call, bot, "update", now, {.fields = change.names()});
//
// Endpoints<R> does it for the usual writes; handlers of their own call it themselves.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/rows.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "domain/run.h"
#include "domain/trigger.h"
#include "store/transaction.h"

namespace bellpull {

// Who did it.
struct LogAuthor {
  AccountKey account;
  std::string token_id;  // empty: nobody knows
  std::string request_id;
};
LogAuthor author_of(const Transaction& rows, const Call& call);

// Appends `item` under the author's account; `meta` gets who did it.
void log_item(Transaction& rows, const LogAuthor& author, LogItem item, boost::json::object meta);
void log_item(Transaction& rows, const Call& call, LogItem item, boost::json::object meta);

// What was done by hand to an event or its run: "run.cancel".
void log_run(Transaction& rows, const Call& call, const Run& run, std::string_view type,
             TimePoint now, boost::json::object meta = {});

// A message of a conversation: "message.create".
void log_message(Transaction& rows, const Call& call, const Conversation& conversation,
                 const MessageId& message, std::string_view verb, TimePoint now);

// A search of a dataset, by a run or by hand: "dataset.search".
void log_search(Transaction& rows, const Call& call, const Dataset& dataset, std::size_t found,
                TimePoint now);

// "bot.create"; the wire calls a trigger an integration.
template <class Resource>
std::string log_type(std::string_view verb) {
  if constexpr (std::is_same_v<Resource, Trigger>) {
    return "integration.trigger." + std::string{verb};
  } else {
    std::string type{Rows<Resource>::name};
    std::ranges::transform(type, type.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return type + "." + std::string{verb};
  }
}

// Whether the name of such a resource may stand in the log: not when it is a person's.
template <class Resource>
inline constexpr bool has_loggable_name = requires(Resource resource) {
  resource.name;
} && !std::is_same_v<Resource, Contact> && !std::is_same_v<Resource, Conversation>;

struct LogDetails {
  std::vector<std::string_view> fields;  // that the body set
  std::optional<RunId> run = std::nullopt;
};

template <class Resource>
void log_change(Transaction& rows, const LogAuthor& author, const Resource& resource,
                std::string_view verb, TimePoint now, const LogDetails& details = {}) {
  LogItem item{.type = log_type<Resource>(verb),
               .about = references_of(resource),
               .run = details.run,
               .created_at = now};
  if constexpr (has_loggable_name<Resource>) item.name = resource.name;
  boost::json::object meta;
  if constexpr (!Referable<decltype(resource.id)>) meta["subjectId"] = resource.id.text();
  if (!details.fields.empty()) {
    boost::json::array& fields = meta["fields"].emplace_array();
    for (const std::string_view field : details.fields) fields.emplace_back(field);
  }
  log_item(rows, author, std::move(item), std::move(meta));
}

template <class Resource>
void log_change(Transaction& rows, const Call& call, const Resource& resource,
                std::string_view verb, TimePoint now, const LogDetails& details = {}) {
  log_change(rows, author_of(rows, call), resource, verb, now, details);
}

}  // namespace bellpull
