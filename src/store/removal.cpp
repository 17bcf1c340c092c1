#include "store/removal.h"

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "domain/trigger.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Removes up to `left` rows of one kind, and takes them off it.
template <class Resource, class Remove>
void remove_some(const ResourceStore<Resource>& rows, const ListQuery& members, std::int64_t& left,
                 Remove remove) {
  if (left == 0) return;  // a page has one row at least
  ListQuery query = members;
  query.page.take = left;
  const std::vector<Resource> found = rows.list(query);
  for (const Resource& one : found) remove(one);
  left -= static_cast<std::int64_t>(found.size());
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
  deleted.next_trigger_at.reset();
  if (auto updated = rows.triggers().update(deleted); !updated) return updated;
  rows.start_job(deleted.account, JobKind::cancel_trigger_runs, deleted.id.key.value);
  return {};
}

bool remove_members(Transaction& rows, AccountKey account, BlueprintKey blueprint,
                    std::int64_t limit, TimePoint now) {
  const ListQuery members{.account = account,
                          .page = {.order = Order::ascending},
                          .filters = {{.field = "blueprint", .any_of = {blueprint.value}}}};
  std::int64_t left = limit;
  const auto remove = [&](const auto& one) { remove_whole(rows, one); };
  // What uses others goes before them, so that nothing is seen to work without them.
  remove_some<Trigger>(rows.triggers(), members, left, [&](const Trigger& trigger) {
    if (!remove_whole(rows, trigger, now)) throw std::logic_error("a listed trigger is not there");
  });
  remove_some<Bot>(rows.bots(), members, left, remove);
  remove_some<Ability>(rows.abilities(), members, left, remove);
  remove_some<Skillset>(rows.skillsets(), members, left, remove);
  remove_some<Dataset>(rows.datasets(), members, left, remove);
  remove_some<Secret>(rows.secrets(), members, left, remove);
  remove_some<File>(rows.files(), members, left, remove);
  return left == 0;
}

}  // namespace bellpull
