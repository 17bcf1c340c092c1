#include "sqlite/file_table.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "sqlite/database.h"
#include "sqlite/resource_table.h"
#include "sqlite/written.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Two pieces are half a millisecond of the writer.
constexpr std::int64_t removed_pieces = 2;
// No upload takes this long: its request is cut before. A clock may step so far, though.
constexpr Duration upload_time = std::chrono::hours{1};

constexpr auto remove_upload = static_cast<std::int64_t>(JobKind::remove_upload);

}  // namespace

FileTable::FileTable(Database& database, Random& random, Written& written)
    : ResourceTable(database, random, [&written](FileKey, AccountKey account, Write) {
        written.configures(account);
      }) {}

UploadKey FileTable::start_upload(const File& file, TimePoint now) {
  // What a failing store did not let end.
  Statement{database_,
            "insert into jobs (account, kind, subject) select account, ?1, id from uploads "
            "where file = ?2 and started_at < ?3"}
      .with(remove_upload, file.id.key.value, to_ms(now - upload_time))
      .run();
  Statement{database_, "delete from uploads where file = ?1 and started_at < ?2"}
      .with(file.id.key.value, to_ms(now - upload_time))
      .run();
  Statement{database_, "insert into uploads (account, file, started_at) values (?1, ?2, ?3)"}
      .with(file.account.value, file.id.key.value, to_ms(now))
      .run();
  return database_.last_row();
}

void FileTable::add_piece(UploadKey upload, std::int64_t number, std::string_view bytes) {
  Statement{database_, "insert into upload_pieces (upload, number, bytes) values (?1, ?2, ?3)"}
      .with(upload, number, Blob{bytes})
      .run();
}

bool FileTable::keep_upload(UploadKey upload) {
  return Statement{database_, "delete from uploads where id = ?1"}.with(upload).run() > 0;
}

std::optional<std::string> FileTable::piece(UploadKey upload, std::int64_t number) const {
  Statement piece{database_, "select bytes from upload_pieces where upload = ?1 and number = ?2"};
  if (!piece.with(upload, number).step()) return std::nullopt;
  return piece.text(0);
}

bool FileTable::remove_some_of(UploadKey upload) {
  Statement remove{database_,
                   "delete from upload_pieces where rowid in "
                   "(select rowid from upload_pieces where upload = ?1 limit ?2)"};
  return remove.with(upload, removed_pieces).run() == removed_pieces;
}

void abandon_uploads(Database& database) {
  database.execute("insert into jobs (account, kind, subject) select account, " +
                   std::to_string(remove_upload) + ", id from uploads; delete from uploads;");
}

}  // namespace bellpull
