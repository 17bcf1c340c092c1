// The messages of conversations; those made from a run's steps are rendered as they are read.
#pragma once

#include <cstdint>
#include <optional>

#include <boost/json/object.hpp>

#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/written.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

class RunTable;

class MessageTable final : public MessageStore {
 public:
  MessageTable(Database& database, const RunTable& runs, Written& written);

  void add(ConversationKey conversation, Message& message) override;
  bool update(const Message& message) override;
  bool remove(const MessageId& id) override;
  std::optional<Message> find(const MessageId& id) const override;
  PagePart<Message> look(ConversationKey conversation, const Page& page) const override;

 private:
  Message read_row(const Statement& statement) const;

  const Database& database_;
  const RunTable& runs_;
  Written& written_;
  Statement next_number_;
  Statement insert_;
  Statement update_;
  Statement remove_;
  mutable Statement find_;
  mutable Statement list_ascending_;
  mutable Statement list_descending_;
};

}  // namespace bellpull
