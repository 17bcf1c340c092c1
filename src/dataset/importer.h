// Imports the texts of attached files into datasets, in the background, over restarts.
//
// The store says what waits; one file is imported at a time, accounts in turn. The records of an
// import are added out of sight, and shown all at once by one change, which hides those of the
// import before; so a search sees the old ones or the new ones, also after a crash. An import
// that a crash ended starts again under a new number, and what it left is removed; one that several
// processes did not live through has failed, so that no file can keep the server down.
//
// Lifetime: listens to the store, which outlives its thread: stop() before the store stops.
// Threads: its own, for taking texts apart; start() and stop() from one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/file_text.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "store/run_records.h"
#include "store/store.h"

namespace bellpull {

class Importer final : public StoreListener {
 public:
  Importer(Store& store, const Clock& clock, Log& log);
  ~Importer() override;
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  // After the store's start.
  void start();
  // An import that is under way is left, and starts again at the next start.
  void stop();

  void attachments_changed() override;
  void reopened() override { attachments_changed(); }
  void runs_changed(std::span<const RunChange> /*changes*/) override {}
  void trigger_changed(TriggerKey /*trigger*/) override {}
  void configuration_changed(AccountKey /*account*/) override {}

 private:
  // What an import reads before it begins.
  struct Source {
    Attachment attachment;
    Dataset dataset;
    std::string type;
    std::string content;
  };
  enum class Fate : std::uint8_t { done, superseded, interrupted };

  void run();
  bool wait_for_work();
  void import_all();
  Task<bool> import_next();
  Task<Result<Source>> read_source(Attachment attachment);
  Task<Result<std::string>> read_content(File file);
  Task<void> import_texts(Attachment attachment);
  Task<std::optional<Attachment>> begin(AttachmentKey key);
  Result<std::optional<Attachment>> begin_in(Transaction& rows, AttachmentKey key);
  Task<void> hand_back(AttachmentKey key, std::int64_t import);
  Task<Fate> add_records(const Source* source, const std::vector<ImportedText>* texts);
  Task<void> finish(AttachmentKey key, std::int64_t import, Result<std::int64_t> records);

  Store& store_;
  const Clock& clock_;
  Log& log_;
  boost::asio::io_context context_{1};
  // The thread's:
  AccountKey last_served_;
  std::unordered_set<AttachmentKey> counted_;  // imports whose start by this process is counted
  std::atomic<bool> stopping_ = false;
  std::thread thread_;

  // Guarded by mutex_:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool has_work_ = true;  // what an earlier process left
};

}  // namespace bellpull
