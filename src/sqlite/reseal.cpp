#include "sqlite/reseal.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "sqlite/database.h"
#include "sqlite/sealed_columns.h"
#include "sqlite/write_session.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

// Values in memory at a time.
constexpr std::int64_t chunk_rows = 1000;

struct Sealed {
  std::int64_t row = 0;
  std::string value;
  std::string place;
};

std::vector<Sealed> next_chunk(Statement& select, std::int64_t after) {
  std::vector<Sealed> chunk;
  select.with(after, chunk_rows);
  while (select.step()) chunk.push_back({select.number(0), select.text(1), select.text(2)});
  return chunk;
}

void reseal_column(Database& database, const SealedColumn& column, const Reseal& reseal,
                   Resealed& counts) {
  const std::string name{column.column};
  const std::string table{column.table};
  Statement select{database, "select rowid, " + name + ", " + std::string{column.place} + " from " +
                                 table + " where rowid > ?1 and length(" + name +
                                 ") > 0 order by rowid limit ?2"};
  Statement update{database, "update " + table + " set " + name + " = ?1 where rowid = ?2"};
  std::int64_t after = 0;
  for (;;) {
    const std::vector<Sealed> chunk = next_chunk(select, after);
    if (chunk.empty()) return;
    after = chunk.back().row;
    for (const Sealed& sealed : chunk) {
      const auto value = reseal(sealed.value, sealed.place);
      ++(value ? counts.values : counts.unreadable);
      if (value) update.with(Blob{*value}, sealed.row).run();
    }
  }
}

}  // namespace

Result<Resealed> reseal_everything(const std::filesystem::path& main_file, Random& random,
                                   const std::function<Result<void>(Transaction&)>& prove,
                                   const Reseal& reseal) {
  WriteSession session{main_file, random};
  session.database().execute("pragma secure_delete = on");
  session.begin();
  if (auto proven = prove(session.transaction()); !proven) {
    session.roll_back();
    return std::unexpected(std::move(proven.error()));
  }
  Resealed counts;
  for (const SealedColumn& column : sealed_columns()) {
    reseal_column(session.database(), column, reseal, counts);
  }
  session.commit();
  session.database().execute("pragma wal_checkpoint(truncate)");
  return counts;
}

std::optional<std::string> read_key_proof(const std::filesystem::path& main_file) {
  Database database{main_file, OpenMode::write};
  Statement table{database, "select 1 from sqlite_master where name = 'key_proof'"};
  if (!table.step()) return std::nullopt;
  table.reset();
  Statement proof{database, "select sealed from key_proof"};
  if (!proof.step()) return std::nullopt;
  return proof.text(0);
}

}  // namespace bellpull
