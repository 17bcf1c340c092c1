#include "sqlite/message_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/json.h"
#include "base/time.h"
#include "domain/conversation.h"
#include "domain/ids.h"
#include "domain/step.h"
#include "domain/transcript.h"
#include "domain/usage.h"
#include "sqlite/database.h"
#include "sqlite/run_table.h"
#include "sqlite/written.h"
#include "store/list.h"

namespace bellpull {

namespace {

constexpr std::string_view next_number_sql = R"sql(
  update conversations set messages = messages + 1, updated_at = max(updated_at, ?2)
   where id = ?1 returning messages, account, trigger, bot)sql";

constexpr std::string_view insert_sql = R"sql(
  insert into messages (conversation, number, type, text, name, description, meta, created_at,
                        updated_at)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))sql";

// A message that was edited has its own text and no longer follows its step.
constexpr std::string_view update_sql = R"sql(
  update messages set type = ?3, text = ?4, name = ?5, description = ?6, meta = ?7, updated_at = ?8
   where conversation = ?1 and number = ?2)sql";

constexpr std::string_view remove_sql =
    "delete from messages where conversation = ?1 and number = ?2";

constexpr std::string_view select_sql = R"sql(
  select m.conversation, m.number, m.type, m.text, m.name, m.description, m.meta, m.created_at,
         coalesce(m.updated_at, m.created_at), m.run, m.step, m.part, s.kind, s.content
    from messages m left join steps s on m.text is null and s.run = m.run and s.number = m.step
   where m.conversation = ?1 and )sql";

}  // namespace

MessageTable::MessageTable(Database& database, const RunTable& runs, Written& written)
    : database_(database),
      runs_(runs),
      written_(written),
      next_number_(database, next_number_sql),
      insert_(database, insert_sql),
      update_(database, update_sql),
      remove_(database, remove_sql),
      find_(database, std::string{select_sql} + "m.number = ?2"),
      list_ascending_(database,
                      std::string{select_sql} + "m.number > ?2 order by m.number asc limit ?3"),
      list_descending_(database,
                       std::string{select_sql} + "m.number < ?2 order by m.number desc limit ?3") {}

void MessageTable::add(ConversationKey conversation, Message& message) {
  next_number_.with(conversation.value, to_ms(message.created_at)).step();
  message.id = MessageId{conversation, next_number_.number(0)};
  ++written_
        .usage[{.account = AccountKey{next_number_.number(1)},
                .day = day_of(message.created_at),
                .trigger = TriggerKey{next_number_.number(2)},
                .bot = BotKey{next_number_.number(3)},
                .model = ""}]
        .messages;
  next_number_.reset();
  insert_
      .with(conversation.value, message.id.number, static_cast<std::int64_t>(message.type),
            std::string_view{message.text}, std::string_view{message.name},
            std::string_view{message.description}, std::string_view{message.meta},
            to_ms(message.created_at), to_ms(message.updated_at))
      .run();
}

bool MessageTable::update(const Message& message) {
  return update_
             .with(message.id.conversation.value, message.id.number,
                   static_cast<std::int64_t>(message.type), std::string_view{message.text},
                   std::string_view{message.name}, std::string_view{message.description},
                   std::string_view{message.meta}, to_ms(message.updated_at))
             .run() > 0;
}

bool MessageTable::remove(const MessageId& id) {
  return remove_.with(id.conversation.value, id.number).run() > 0;
}

Message MessageTable::read_row(const Statement& statement) const {
  Message message;
  message.id = MessageId{{statement.number(0)}, statement.number(1)};
  message.type = static_cast<MessageType>(statement.number(2));
  message.text = statement.text(3);
  message.name = statement.text(4);
  message.description = statement.text(5);
  if (!statement.is_null(6)) message.meta = statement.text(6);
  message.created_at = from_ms(statement.number(7));
  message.updated_at = from_ms(statement.number(8));
  if (statement.is_null(12)) return message;
  const RunId run{statement.number(9)};
  const JournalReader journal{
      [this, run](std::int64_t number) { return runs_.step_content(StepId{run, number}); },
      [this, run] { return runs_.event_of_run(run); },
      [this, step = StepId{run, statement.number(10)}] {
        const auto resolved = runs_.resolution_of(step);
        return resolved ? parse_stored(resolved->content) : boost::json::object{};
      }};
  render_part(message, static_cast<StepKind>(statement.number(12)), statement.number(11),
              parse_stored(statement.view(13)), journal);
  return message;
}

std::optional<Message> MessageTable::find(const MessageId& id) const {
  if (!find_.with(id.conversation.value, id.number).step()) return std::nullopt;
  Message message = read_row(find_);
  find_.reset();
  return message;
}

PagePart<Message> MessageTable::look(ConversationKey conversation, const Page& page) const {
  const bool descending = page.order == Order::descending;
  Statement& statement = descending ? list_descending_ : list_ascending_;
  const std::int64_t after =
      descending && page.after == 0 ? std::numeric_limits<std::int64_t>::max() : page.after;
  statement.with(conversation.value, after, std::clamp<std::int64_t>(page.take, 1, max_page));
  const std::size_t before = database_.bytes_read();
  PagePart<Message> part;
  while (part.bytes < page.bytes && statement.step()) {
    part.rows.push_back(read_row(statement));
    part.bytes = database_.bytes_read() - before;
  }
  statement.reset();
  return part;
}

}  // namespace bellpull
