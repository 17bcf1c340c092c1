#include "sqlite/attachment_table.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/random.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"

namespace bellpull {

namespace {

// The index lists none but those that wait.
constexpr std::string_view next_import_sql = R"sql(
  select id from attachments where state = 0 and account > ?1 order by account, id limit 1)sql";

constexpr std::string_view forget_detached_sql = R"sql(
  delete from attachments
   where id = ?1 and state = 3 and not exists (select 1 from records where attachment = ?1))sql";

}  // namespace

AttachmentTable::AttachmentTable(Database& database, Random& random, Written& written)
    : ResourceTable(database, random,
                    [&written](AttachmentKey, AccountKey, Write) { written.imports = true; }) {}

std::optional<Attachment> AttachmentTable::find(DatasetKey dataset, FileKey file) const {
  Statement id{database_, "select id from attachments where dataset = ?1 and file = ?2"};
  if (!id.with(dataset.value, file.value).step()) return std::nullopt;
  return find(AttachmentKey{id.number(0)});
}

std::optional<Attachment> AttachmentTable::next_import(AccountKey after) const {
  constexpr std::int64_t before_all = -1;
  Statement next{database_, next_import_sql};
  if (!next.with(after.value).step() && !next.with(before_all).step()) return std::nullopt;
  return find(AttachmentKey{next.number(0)});
}

void AttachmentTable::forget_detached(AttachmentKey attachment) {
  Statement{database_, forget_detached_sql}.with(attachment.value).run();
}

}  // namespace bellpull
