// Conversations: a resource table whose lists walk the index file (index_reader.h).
#pragma once

#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"
#include "store/list.h"

namespace bellpull {

class IndexReader;

// Conversations whose time is over, ?1 being now; by an index that has only those with an end.
inline constexpr std::string_view expired_conversations_sql =
    "select id from conversations where expires_at <= ?1 order by expires_at limit ?2";

// Notes a conversation as it is, before it changes or goes: the index file has it under these
// values, in this order, and takes it away from them (indexer.cpp).
inline constexpr std::string_view note_stale_sql = R"sql(
  insert into stale (conversation, was)
  select id, json_array(account, trigger, bot, contact, task, meta)
    from conversations where id = ?1)sql";

class ConversationTable final : public ResourceTable<Conversation> {
 public:
  ConversationTable(Database& database, const IndexReader* index, Random& random, Written& written);

  Result<void> add(Conversation& conversation) override;
  Result<void> update(const Conversation& conversation) override;
  bool remove(ConversationKey key) override;
  PagePart<Conversation> look(const ListQuery& query) const override;

 private:
  const IndexReader* const index_;
  Written& written_;
  Statement note_stale_;
};

}  // namespace bellpull
