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
#include "domain/log_references.h"
#include "domain/run.h"
#include "store/run_references.h"
#include "store/transaction.h"

namespace bellpull {

LogAuthor author_of(const Transaction& rows, const Call& call) {
  const auto token = rows.tokens().find(call.caller.token);
  return {.account = call.caller.account,
          .token_id = token ? token->id.text() : "",
          .request_id = call.request_id};
}

void log_item(Transaction& rows, const LogAuthor& author, LogItem item, boost::json::object meta) {
  if (!author.token_id.empty()) meta["tokenId"] = author.token_id;
  meta["requestId"] = author.request_id;
  item.account = author.account;
  item.meta = boost::json::serialize(meta);
  rows.log().add(item);
}

void log_item(Transaction& rows, const Call& call, LogItem item, boost::json::object meta) {
  log_item(rows, author_of(rows, call), std::move(item), std::move(meta));
}

void log_run(Transaction& rows, const Call& call, const Run& run, std::string_view type,
             TimePoint now, boost::json::object meta) {
  LogItem item{.type = std::string{type},
               .about = references_of_run(rows, run.trigger, run.conversation),
               .run = run.id,
               .created_at = now};
  log_item(rows, call, std::move(item), std::move(meta));
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
