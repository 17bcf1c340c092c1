#include "dataset/importer.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/core.h>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/file_text.h"
#include "dataset/text_splitter.h"
#include "dataset/token_estimate.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// Records of one commit: some milliseconds of the writer, most of it for their words.
constexpr std::size_t records_of_commit = 25;
constexpr std::size_t bytes_of_commit = std::size_t{32} * 1024;
// Of one import, by processes that did not live to its end.
constexpr std::int64_t max_starts = 3;
// Before a store that refused is asked again.
constexpr std::chrono::seconds pause_after_failure{1};

std::size_t max_bytes_of_record(const Dataset& dataset) {
  const std::int64_t tokens = dataset.record_max_tokens.value_or(default_record_tokens);
  return std::min(static_cast<std::size_t>(tokens * bytes_of_token), max_record_bytes);
}

// The attachment, while this import is the one that is wanted and its dataset is there.
std::optional<Attachment> still_wanted(const Transaction& rows, AttachmentKey key,
                                       std::int64_t import) {
  std::optional<Attachment> attachment = rows.attachments().find(key);
  const bool is_wanted = attachment && attachment->state == AttachmentState::importing &&
                         attachment->last_import == import &&
                         rows.datasets().find(attachment->dataset.key);
  if (!is_wanted) attachment.reset();
  return attachment;
}

}  // namespace

Importer::Importer(Store& store, const Clock& clock, Log& log)
    : store_(store), clock_(clock), log_(log) {}

Importer::~Importer() { stop(); }

void Importer::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Importer::stop() {
  stopping_ = true;
  {
    const std::scoped_lock lock{mutex_};
    woken_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Importer::attachments_changed() {
  const std::scoped_lock lock{mutex_};
  has_work_ = true;
  woken_.notify_all();
}

bool Importer::wait_for_work() {
  std::unique_lock lock{mutex_};
  woken_.wait(lock, [this] { return has_work_ || stopping_; });
  has_work_ = false;
  return !stopping_;
}

void Importer::run() {
  while (wait_for_work()) {
    try {
      import_all();
    } catch (const std::exception& problem) {
      log_.error("dataset", "an import waits for the store", {{"error", problem.what()}});
      std::unique_lock lock{mutex_};
      woken_.wait_for(lock, pause_after_failure, [this] { return stopping_.load(); });
      has_work_ = true;
    }
  }
}

void Importer::import_all() {
  for (bool found = true; found && !stopping_;) {
    auto imported = asio::co_spawn(context_, import_next(), asio::use_future);
    context_.restart();
    context_.run();
    found = imported.get();
  }
}

Task<bool> Importer::import_next() {
  const std::optional<Attachment> next = co_await store_.read(
      [&](const Transaction& rows) { return rows.attachments().next_import(last_served_); });
  if (!next) co_return false;
  last_served_ = next->account;
  const std::optional<Attachment> begun = co_await begin(next->id.key);
  if (begun) co_await import_texts(*begun);
  counted_.erase(next->id.key);
  co_return true;
}

// Under a number of its own: whatever an import before it brought is not shown, and goes. Of a
// dataset that is gone, nothing is to be imported.
Result<std::optional<Attachment>> Importer::begin_in(Transaction& rows, AttachmentKey key) {
  std::optional<Attachment> attachment = rows.attachments().find(key);
  if (!attachment || attachment->state != AttachmentState::importing) return std::nullopt;
  ++attachment->last_import;
  // A store that refused ends an import in the same process; that is no fault of the file.
  if (!counted_.contains(key)) ++attachment->starts;
  if (!rows.datasets().find(attachment->dataset.key)) {
    attachment->state = AttachmentState::detached;
  } else if (attachment->starts > max_starts) {
    attachment->state = AttachmentState::failed;
    attachment->problem =
        fmt::format("the server ended {} times during the import; upload a smaller file, then sync",
                    max_starts);
  }
  rows.start_job(attachment->account, JobKind::remove_imports, key.value);
  if (auto kept = rows.attachments().update(*attachment); !kept) {
    return std::unexpected(std::move(kept.error()));
  }
  if (attachment->state != AttachmentState::importing) return std::nullopt;
  return attachment;
}

Task<std::optional<Attachment>> Importer::begin(AttachmentKey key) {
  const auto begun =
      co_await store_.transact([&](Transaction& rows) { return begin_in(rows, key); });
  if (begun) counted_.insert(key);
  co_return begun.value_or(std::nullopt);
}

// A stop is no crash: the start does not count.
Task<void> Importer::hand_back(AttachmentKey key, std::int64_t import) {
  co_await store_.transact([&](Transaction& rows) -> Result<void> {
    std::optional<Attachment> attachment = still_wanted(rows, key, import);
    if (!attachment) return {};
    --attachment->starts;
    return rows.attachments().update(*attachment);
  });
}

Task<void> Importer::import_texts(Attachment attachment) {
  const AttachmentKey key = attachment.id.key;
  const std::int64_t import = attachment.last_import;
  const Result<Source> source = co_await read_source(std::move(attachment));
  if (!source) {
    co_await finish(key, import, std::unexpected(source.error()));
    co_return;
  }
  const auto texts =
      texts_of_file(source->type, source->content, max_bytes_of_record(source->dataset),
                    parse_separators(source->dataset.separators.value_or("")));
  if (!texts) {
    co_await finish(key, import, std::unexpected(texts.error()));
    co_return;
  }
  const Fate fate = co_await add_records(&*source, &*texts);
  if (fate == Fate::interrupted) co_await hand_back(key, import);
  if (fate != Fate::done) co_return;
  co_await finish(key, import, static_cast<std::int64_t>(texts->size()));
}

Task<Result<Importer::Source>> Importer::read_source(Attachment attachment) {
  std::optional<Dataset> dataset;
  const std::optional<File> file = co_await store_.read([&](const Transaction& rows) {
    dataset = rows.datasets().find(attachment.dataset.key);
    return rows.files().find(attachment.file.key);
  });
  if (!dataset || !file) co_return fail(ErrorCode::not_found, "the file is gone");
  if (!file->content) {
    co_return fail(ErrorCode::invalid, "the file has no content yet; upload it, then sync");
  }
  Result<std::string> content = co_await read_content(*file);
  if (!content) co_return std::unexpected(std::move(content.error()));
  co_return Source{std::move(attachment), std::move(*dataset), file->content_type.value_or(""),
                   std::move(*content)};
}

Task<Result<std::string>> Importer::read_content(File file) {
  const auto size = static_cast<std::size_t>(file.content_size.value_or(0));
  std::string content;
  content.reserve(size);
  for (std::int64_t number = 0; content.size() < size; ++number) {
    const auto piece = co_await store_.read(
        [&](const Transaction& rows) { return rows.files().piece(*file.content, number); });
    if (!piece) {
      co_return fail(ErrorCode::conflict, "the content was replaced during the import; sync again");
    }
    content += *piece;
  }
  co_return content;
}

Task<Importer::Fate> Importer::add_records(const Source* source,
                                           const std::vector<ImportedText>* texts) {
  const Attachment& attachment = source->attachment;
  Record record{.account = attachment.account,
                .dataset = attachment.dataset,
                .source = "file:///" + attachment.file.text(),
                .attachment = attachment.id.key,
                .import = attachment.last_import};
  for (std::size_t at = 0; at < texts->size();) {
    const auto added = co_await store_.transact([&](Transaction& rows) -> Result<std::size_t> {
      if (!still_wanted(rows, attachment.id.key, attachment.last_import)) {
        return fail(ErrorCode::conflict, "superseded");
      }
      record.created_at = record.updated_at = clock_.now();
      std::size_t bytes = 0;
      std::size_t next = at;
      while (next < texts->size() && next - at < records_of_commit && bytes < bytes_of_commit) {
        record.text = (*texts)[next].text;
        record.meta = (*texts)[next].meta;
        if (auto kept = rows.records().add(record); !kept) return std::unexpected(kept.error());
        bytes += record.text.size() + record.meta.size();
        ++next;
      }
      return next;
    });
    if (!added) co_return Fate::superseded;
    if (stopping_) co_return Fate::interrupted;
    at = *added;
  }
  co_return Fate::done;
}

// Shows the new records and hides the old ones, or says why there are none.
Task<void> Importer::finish(AttachmentKey key, std::int64_t import, Result<std::int64_t> records) {
  co_await store_.transact([&](Transaction& rows) -> Result<void> {
    std::optional<Attachment> attachment = still_wanted(rows, key, import);
    if (!attachment) return {};
    attachment->state = records ? AttachmentState::imported : AttachmentState::failed;
    attachment->problem = records ? "" : records.error().message;
    if (records) {
      attachment->shown_import = import;
      attachment->records = *records;
    }
    attachment->updated_at = clock_.now();
    rows.start_job(attachment->account, JobKind::remove_imports, key.value);
    return rows.attachments().update(*attachment);
  });
}

}  // namespace bellpull
