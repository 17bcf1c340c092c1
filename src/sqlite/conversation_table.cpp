#include "sqlite/conversation_table.h"

#include <vector>

#include "base/random.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/index_reader.h"
#include "sqlite/list_sql.h"
#include "sqlite/resource_table.h"
#include "sqlite/tables.h"
#include "sqlite/written.h"
#include "store/list.h"

namespace bellpull {

ConversationTable::ConversationTable(Database& database, const IndexReader* index, Random& random,
                                     Written& written)
    : ResourceTable<Conversation>(database, random,
                                  [this, &written](ConversationKey conversation, Write write) {
                                    written.indexable = true;
                                    if (write == Write::updated) {
                                      mark_stale_.with(conversation.value).run();
                                    }
                                  }),
      index_(index),
      mark_stale_(database, "insert into stale (conversation) values (?1)") {}

std::vector<Conversation> ConversationTable::list(const ListQuery& query) const {
  if (index_ == nullptr) return ResourceTable<Conversation>::list(query);
  const auto load = [&](Conditions conditions, const Page& page) {
    conditions.add("account = ?", query.account.value);
    conditions.add_filters(query.filters, OfTable::filters);
    conditions.add_meta(query.meta, "meta");
    return select(conditions, page);
  };
  return list_through_index<Conversation>(*index_, IndexedKind::conversation, query, "id", load);
}

}  // namespace bellpull
