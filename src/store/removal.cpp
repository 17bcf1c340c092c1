#include "store/removal.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// The members of a blueprint on their way out, so many of them at most.
struct Removal {
  Transaction& rows;
  ListQuery members;
  std::int64_t left;
  std::string author;  // as the entries of the event log say it
  TimePoint now;
};

// Who deleted the blueprint: whoever does so deletes what belongs to it.
std::string author_of_removal(const Transaction& rows, AccountKey account, BlueprintKey blueprint) {
  const ListQuery deletion{.account = account,
                           .page = {.take = 1},
                           .filters = {{.field = "type", .any_of = {"blueprint.delete"}},
                                       {.field = "blueprint", .any_of = {blueprint.value}}}};
  const auto found = rows.log().look(deletion).rows;
  return found.empty() ? "{}" : found.front().meta;
}

// Removes up to `left` rows of one kind, and takes them off it.
template <class Resource, class Remove>
void remove_some(const ResourceStore<Resource>& kind, std::string_view log_type, Removal& removal,
                 Remove remove) {
  if (removal.left == 0) return;  // a page has one row at least
  ListQuery query = removal.members;
  query.page.take = removal.left;
  const std::vector<Resource> found = kind.list(query);
  for (const Resource& one : found) {
    LogItem item{.account = one.account,
                 .type = std::string{log_type},
                 .name = one.name,
                 .about = references_of(one),
                 .meta = removal.author,
                 .created_at = removal.now};
    removal.rows.log().add(item);
    remove(one);
  }
  removal.left -= static_cast<std::int64_t>(found.size());
}

}  // namespace

void remove_whole(Transaction& rows, const Bot& bot) { rows.bots().remove(bot.id.key); }

void remove_whole(Transaction& rows, const Skillset& skillset) {
  rows.skillsets().remove(skillset.id.key);
  rows.start_job(skillset.account, JobKind::remove_abilities, skillset.id.key.value);
}

void remove_whole(Transaction& rows, const Ability& ability) {
  rows.abilities().remove(ability.id.key);
}

void remove_whole(Transaction& rows, const Dataset& dataset) {
  rows.datasets().remove(dataset.id.key);
  rows.start_job(dataset.account, JobKind::remove_records, dataset.id.key.value);
}

void remove_whole(Transaction& rows, const Secret& secret) {
  rows.secrets().remove(secret.id.key);
  rows.start_job(secret.account, JobKind::remove_personal_values, secret.id.key.value);
}

void remove_whole(Transaction& rows, const File& file) {
  rows.files().remove(file.id.key);
  if (file.content) rows.start_job(file.account, JobKind::remove_upload, *file.content);
  const ListQuery attached{.account = file.account,
                           .page = {.take = max_attachments_of_file},
                           .filters = {{.field = "file", .any_of = {file.id.key.value}}}};
  for (Attachment attachment : rows.attachments().list(attached)) {
    attachment.state = AttachmentState::detached;
    if (!rows.attachments().update(attachment))
      throw std::logic_error("a listed attachment is gone");
    rows.start_job(file.account, JobKind::remove_imports, attachment.id.key.value);
  }
}

Result<void> remove_whole(Transaction& rows, const Trigger& trigger, TimePoint now) {
  Trigger deleted = trigger;
  deleted.deleted_at = now;
  deleted.updated_at = now;
  ++deleted.version;
  deleted.alias.reset();
  deleted.sealed_secret.clear();
  deleted.sealed_previous_secret.clear();
  deleted.previous_secret_until.reset();
  deleted.next_due_at.reset();
  deleted.next_trigger_at.reset();
  if (auto updated = rows.triggers().update(deleted); !updated) return updated;
  rows.start_job(deleted.account, JobKind::cancel_trigger_runs, deleted.id.key.value);
  return {};
}

bool remove_members(Transaction& rows, AccountKey account, BlueprintKey blueprint,
                    std::int64_t limit, TimePoint now) {
  Removal removal{.rows = rows,
                  .members = {.account = account,
                              .page = {.order = Order::ascending},
                              .filters = {{.field = "blueprint", .any_of = {blueprint.value}}}},
                  .left = limit,
                  .author = author_of_removal(rows, account, blueprint),
                  .now = now};
  const auto remove = [&](const auto& one) { remove_whole(rows, one); };
  // What uses others goes before them, so that nothing is seen to work without them.
  remove_some<Trigger>(rows.triggers(), "integration.trigger.delete", removal,
                       [&](const Trigger& trigger) {
                         if (!remove_whole(rows, trigger, now))
                           throw std::logic_error("a listed trigger is not there");
                       });
  remove_some<Bot>(rows.bots(), "bot.delete", removal, remove);
  remove_some<Ability>(rows.abilities(), "ability.delete", removal, remove);
  remove_some<Skillset>(rows.skillsets(), "skillset.delete", removal, remove);
  remove_some<Dataset>(rows.datasets(), "dataset.delete", removal, remove);
  remove_some<Secret>(rows.secrets(), "secret.delete", removal, remove);
  remove_some<File>(rows.files(), "file.delete", removal, remove);
  return removal.left == 0;
}

}  // namespace bellpull
