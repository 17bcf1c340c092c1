#include "api/log_change.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/call.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "store/transaction.h"

namespace bellpull {

void log_item(Transaction& rows, const Call& call, LogItem item, boost::json::object meta) {
  if (const auto token = rows.tokens().find(call.caller.token)) meta["tokenId"] = token->id.text();
  meta["requestId"] = call.request_id;
  item.account = call.caller.account;
  item.meta = boost::json::serialize(meta);
  rows.log().add(item);
}

void log_message(Transaction& rows, const Call& call, const Conversation& conversation,
                 const MessageId& message, std::string_view verb, TimePoint now) {
  LogItem item{.type = "message." + std::string{verb},
               .about = references_of(conversation),
               .created_at = now};
  log_item(rows, call, std::move(item), {{"messageId", message.text()}});
}

void log_search(Transaction& rows, const Call& call, const Dataset& dataset, std::size_t found,
                TimePoint now) {
  LogItem item{.type = "dataset.search",
               .name = dataset.name,
               .about = references_of(dataset),
               .created_at = now};
  log_item(rows, call, std::move(item), {{"found", found}});
}

}  // namespace bellpull
