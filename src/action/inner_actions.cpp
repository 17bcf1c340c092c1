#include "action/inner_actions.h"

#include <memory>

#include "action/action_set.h"
#include "action/approval.h"
#include "action/blueprint_list.h"
#include "action/bot_ask.h"
#include "action/conversations.h"
#include "action/dataset_search.h"
#include "action/datasets.h"
#include "action/memories.h"
#include "action/record_changes.h"
#include "action/trigger_send.h"
#include "store/store.h"

namespace bellpull {

void add_inner_actions(ActionSet& set, const InnerServices& services) {
  using RecordVerb = RecordChangeAction::Verb;
  Store& store = services.store;
  set.add("dataset/search", std::make_unique<DatasetSearchAction>(store, services.clock));
  set.add("dataset/list", std::make_unique<DatasetListAction>(store));
  set.add("dataset/create", std::make_unique<DatasetCreateAction>(store));
  set.add("dataset/record/create", std::make_unique<RecordChangeAction>(RecordVerb::create, store));
  set.add("dataset/record/update", std::make_unique<RecordChangeAction>(RecordVerb::update, store));
  set.add("dataset/record/delete", std::make_unique<RecordChangeAction>(RecordVerb::remove, store));
  set.add("trigger/send", std::make_unique<TriggerSendAction>(store, services.door));
  set.add("conversation/search", std::make_unique<ConversationSearchAction>(store));
  set.add("conversation/fetch", std::make_unique<ConversationFetchAction>(store));
  using MemoryChange = MemoryChangeAction::Verb;
  using MemoryLook = MemoryLookAction::Verb;
  set.add("memory/create", std::make_unique<MemoryChangeAction>(MemoryChange::create, store));
  set.add("memory/delete", std::make_unique<MemoryChangeAction>(MemoryChange::remove, store));
  set.add("memory/search", std::make_unique<MemoryLookAction>(MemoryLook::search, store));
  set.add("memory/list", std::make_unique<MemoryLookAction>(MemoryLook::list, store));
  set.add("bot/ask", std::make_unique<BotAskAction>(store, services.asker, services.door.max_hops));
  set.add("approval", std::make_unique<ApprovalAction>(store, services.clock));
  set.add("blueprint/resource/list", std::make_unique<BlueprintListAction>(store));
}

}  // namespace bellpull
