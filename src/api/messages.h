// Messages: the entries of a conversation (api-contract.md 2.11).
#pragma once

#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/field.h"
#include "api/list_reply.h"
#include "api/routes.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

const Fields<Message>& message_fields();

// The messages of a body, read and checked like those that are created one by one. null: none.
Result<std::vector<Message>> parse_messages(const boost::json::value& given, TimePoint now);
// Of such a list, in a body.
boost::json::object messages_schema();

// Threads: any; constant after construction.
class Messages {
 public:
  Messages(Store& store, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Task<Response> create(Call call);
  Task<Response> list(Call call);
  Task<Response> fetch(Call call);
  Task<Response> update(Call call);
  Task<Response> remove(Call call);
  Task<Result<ListPage>> read_page(ConversationKey conversation, std::vector<MetaFilter> meta,
                                   Page page, View view);

  Store& store_;
  const Clock& clock_;
};

}  // namespace bellpull
