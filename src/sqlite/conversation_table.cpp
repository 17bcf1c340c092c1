#include "sqlite/conversation_table.h"

#include "base/random.h"
#include "base/result.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/usage.h"
#include "sqlite/database.h"
#include "sqlite/index_reader.h"
#include "sqlite/list_sql.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"
#include "store/list.h"

namespace bellpull {

ConversationTable::ConversationTable(Database& database, const IndexReader* index, Random& random,
                                     Written& written)
    : ResourceTable<Conversation>(
          database, random,
          [&written](ConversationKey, AccountKey, Write) { written.indexable = true; }),
      index_(index),
      written_(written),
      note_stale_(database, note_stale_sql) {}

Result<void> ConversationTable::update(const Conversation& conversation) {
  note_stale_.with(conversation.id.key.value).run();
  return ResourceTable<Conversation>::update(conversation);
}

bool ConversationTable::remove(ConversationKey key) {
  note_stale_.with(key.value).run();
  return ResourceTable<Conversation>::remove(key);
}

Result<void> ConversationTable::add(Conversation& conversation) {
  if (auto added = ResourceTable<Conversation>::add(conversation); !added) return added;
  ++written_
        .usage[{.account = conversation.account,
                .day = day_of(conversation.created_at),
                .trigger = conversation.trigger.value_or(TriggerKey{}),
                .bot = conversation.bot ? conversation.bot->key : BotKey{},
                .model = ""}]
        .conversations;
  return {};
}

PagePart<Conversation> ConversationTable::look(const ListQuery& query) const {
  if (index_ == nullptr) return ResourceTable<Conversation>::look(query);
  Stretch stretch = index_->next(IndexedKind::conversation, query, "id");
  stretch.rows.add("account = ?", query.account.value);
  stretch.rows.add_filters(query.filters, OfTable::filters);
  return select(stretch.rows, query, stretch.passed);
}

}  // namespace bellpull
