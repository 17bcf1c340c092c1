// Texts that bots search (Dataset), one of them (Record), and a file that some of them come from
// (Attachment). Field rules: api-contract.md 2.5-2.7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/bot.h"
#include "domain/ids.h"

namespace bellpull {

struct Dataset {
  DatasetId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::optional<BlueprintId> blueprint;
  std::string store = "default";
  std::optional<std::string> reranker;
  std::optional<std::int64_t> record_max_tokens;
  std::optional<double> search_min_score;
  std::optional<std::int64_t> search_max_records;
  std::optional<std::int64_t> search_max_tokens;
  std::optional<std::string> match_instruction;
  std::optional<std::string> mismatch_instruction;
  std::optional<std::string> separators;
  Visibility visibility = Visibility::private_;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

// Of a record's text: what the index takes up in a few milliseconds of the writer.
inline constexpr std::size_t max_record_bytes = std::size_t{64} * 1024;

struct Record {
  RecordId id;
  AccountKey account;
  DatasetId dataset;
  std::string text;
  std::optional<std::string> source;  // "file:///<file id>" when it was imported
  std::string meta = "{}";
  // The import it came with; it is seen while its attachment shows that import.
  std::optional<AttachmentKey> attachment;
  std::int64_t import = 0;
  TimePoint created_at;
  TimePoint updated_at;
};

enum class AttachmentState : std::uint8_t {
  importing,  // from the request on, over restarts
  imported,
  failed,    // `problem` says why; what was imported before is still there
  detached,  // no attachment any more, but its records are known by it
};

// So that what a file causes is done in one commit.
inline constexpr std::int64_t max_attachments_of_file = 100;

// A file whose text is kept in a dataset as records. Each import is numbered, and one of them is
// shown: so a new one replaces an old one in a single change.
struct Attachment {
  AttachmentId id;
  AccountKey account;
  DatasetId dataset;
  FileId file;
  AttachmentState state = AttachmentState::importing;
  std::string problem;
  std::int64_t last_import = 1;  // the one that was asked for last
  std::int64_t starts =
      0;  // of the one that was asked for last, which processes did not live through
  std::int64_t shown_import = 0;
  std::int64_t records = 0;  // of the shown one, when it was made
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace bellpull
