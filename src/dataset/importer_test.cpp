#include "dataset/importer.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/result.h"
#include "dataset/attaching.h"
#include "dataset/meta_conditions.h"
#include "dataset/record_search.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "store/list.h"
#include "store/removal.h"
#include "store/store_fixture.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ImporterTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    dataset = *transact([&](Transaction& rows) -> Result<Dataset> {
      Dataset added{.account = account, .record_max_tokens = 3, .created_at = clock.now()};
      if (auto kept = rows.datasets().add(added); !kept) return std::unexpected(kept.error());
      return added;
    });
    file = *transact([&](Transaction& rows) -> Result<File> {
      File added{.account = account, .name = "notes", .created_at = clock.now()};
      if (auto kept = rows.files().add(added); !kept) return std::unexpected(kept.error());
      return added;
    });
    start();
  }
  void TearDown() override {
    retire();
    store->stop();
    retired.clear();
    StoreTest::TearDown();
  }

  // It goes when the store has stopped, whose threads may still be in the call that woke it.
  void retire() {
    if (!importer) return;
    importer->stop();
    retired.push_back(std::move(importer));
  }

  void start() {
    importer = std::make_unique<Importer>(*store, clock, log);
    importer->start();
  }

  // Replaces the file's content; pieces as they are kept.
  void write(std::string_view content, std::string type = "text/plain") {
    ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
      file = *rows.files().find(file.id);
      const UploadKey upload = rows.files().start_upload(file, clock.now());
      std::int64_t number = 0;
      for (std::size_t at = 0; at < content.size(); at += piece_bytes) {
        rows.files().add_piece(upload, number++, content.substr(at, piece_bytes));
      }
      rows.files().keep_upload(upload);
      file.content = upload;
      file.content_size = static_cast<std::int64_t>(content.size());
      file.content_type = type;
      return rows.files().update(file);
    }));
  }

  template <class Change>
  auto change(Change work) {
    auto changed = transact(work);
    importer->attachments_changed();
    return changed;
  }
  Result<Attachment> attach_file() {
    return change([&](Transaction& rows) { return attach(rows, dataset, file, clock.now()); });
  }
  void sync() {
    ASSERT_TRUE(
        change([&](Transaction& rows) { return import_again(rows, dataset, file, clock.now()); }));
  }
  void detach_file(KeepRecords keep) {
    ASSERT_TRUE(
        change([&](Transaction& rows) { return detach(rows, dataset, file, keep, clock.now()); }));
  }

  void commit_nothing() {
    EXPECT_TRUE(transact([](Transaction&) -> Result<void> { return {}; }));
  }
  Attachment imported() {
    for (;; commit_nothing()) {
      auto attachment = read([&](const Transaction& rows) {
        return rows.attachments().find(dataset.id.key, file.id.key);
      });
      if (attachment && attachment->state != AttachmentState::importing) return *attachment;
    }
  }

  std::vector<std::string> listed() {
    const ListQuery query{.account = account,
                          .page = {.order = Order::ascending},
                          .filters = {{.field = "dataset", .any_of = {dataset.id.key.value}}}};
    std::vector<std::string> texts;
    const auto found = read_page(query.page, [&](const Transaction& rows, const Page& page) {
      ListQuery part = query;
      part.page = page;
      return rows.records().look(part);
    });
    for (const Record& record : *found) texts.push_back(record.text);
    return texts;
  }
  std::size_t found(std::string text) {
    const RecordSearch searches{*store, clock};
    return wait(searches.search(dataset, std::move(text), {})).value().size();
  }
  // Those that nobody sees, too.
  std::int64_t indexed(std::string_view word) {
    return read([&](const Transaction& rows) {
      return rows.records().count(dataset.id.key, word, {}).records;
    });
  }

  static constexpr AccountKey account{1};
  Dataset dataset;
  File file;
  Log log{LogFormat::text, LogLevel::error};
  std::unique_ptr<Importer> importer;
  std::vector<std::unique_ptr<Importer>> retired;
};

TEST_F(ImporterTest, AnAttachedFilesTextBecomesRecords) {
  write("pear one\n\npear two");
  ASSERT_TRUE(attach_file());
  const Attachment attachment = imported();
  EXPECT_EQ(attachment.state, AttachmentState::imported);
  EXPECT_EQ(attachment.records, 2);
  EXPECT_THAT(listed(), ElementsAre("pear one", "pear two"));
  EXPECT_EQ(found("pear"), 2U);
  const auto record = wait(RecordSearch{*store, clock}.search(dataset, "pear", {})).value().front();
  EXPECT_EQ(record.record.source, "file:///" + file.id.text());
  ASSERT_TRUE(attach_file()) << "attaching twice is attaching once";
  EXPECT_EQ(imported().last_import, attachment.last_import);
}

TEST_F(ImporterTest, AnotherImportReplacesExactlyWhatTheFirstBrought) {
  ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
    Record own{.account = account,
               .dataset = dataset.id,
               .text = "my pear",
               .source = "file:///" + file.id.text()};
    return rows.records().add(own);
  }));
  write("pear one\n\npear two");
  ASSERT_TRUE(attach_file());
  imported();
  write("plum");
  sync();
  imported();
  EXPECT_THAT(listed(), ElementsAre("my pear", "plum"));
  while (indexed("pear") > 1) commit_nothing();
  EXPECT_EQ(found("pear plum"), 2U);
}

TEST_F(ImporterTest, WhatIsNotImportedWholeIsNotThere) {
  write("pear one");
  ASSERT_TRUE(attach_file());
  Attachment attachment = imported();
  retire();
  Record half{.account = account,
              .dataset = dataset.id,
              .text = "plum half",
              .attachment = attachment.id.key,
              .import = attachment.last_import + 1};
  ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
    attachment.state = AttachmentState::importing;
    ++attachment.last_import;
    if (auto kept = rows.attachments().update(attachment); !kept) return kept;
    return rows.records().add(half);
  }));
  EXPECT_THAT(listed(), ElementsAre("pear one"));
  EXPECT_EQ(found("plum"), 0U);
  EXPECT_EQ(found("pear"), 1U);
  EXPECT_FALSE(read([&](const Transaction& rows) { return rows.records().find(half.id); }));

  // That was a crash: the next process finds it so, and imports again.
  reopen();
  EXPECT_THAT(listed(), ElementsAre("pear one")) << "the old ones, until the new ones are whole";
  write("quince one\n\nquince 2");
  start();
  EXPECT_EQ(imported().state, AttachmentState::imported);
  EXPECT_THAT(listed(), ElementsAre("quince one", "quince 2"));
  while (indexed("plum") + indexed("pear") > 0) commit_nothing();
  EXPECT_EQ(found("quince"), 2U);
}

TEST_F(ImporterTest, AFailedImportSaysWhyAndLeavesWhatWasThere) {
  ASSERT_TRUE(attach_file());
  EXPECT_EQ(imported().problem, "the file has no content yet; upload it, then sync");
  write("pear one");
  sync();
  EXPECT_EQ(imported().problem, "");
  write("\xff\xfe");
  sync();
  const Attachment failed = imported();
  EXPECT_EQ(failed.state, AttachmentState::failed);
  EXPECT_EQ(failed.problem, "the content is not UTF-8 text");
  EXPECT_THAT(listed(), ElementsAre("pear one"));
}

TEST_F(ImporterTest, AnImportThatThreeProcessesDidNotLiveThroughHasFailed) {
  retire();
  write("pear one");
  ASSERT_TRUE(
      transact([&](Transaction& rows) { return attach(rows, dataset, file, clock.now()); }));
  // What is left by processes that were killed after they began.
  const auto crash = [&](std::int64_t starts) {
    ASSERT_TRUE(transact([&](Transaction& rows) -> Result<void> {
      auto attachment = rows.attachments().find(dataset.id.key, file.id.key);
      attachment->starts = starts;
      return rows.attachments().update(*attachment);
    }));
  };
  crash(3);
  start();
  const Attachment failed = imported();
  EXPECT_EQ(failed.state, AttachmentState::failed);
  EXPECT_EQ(failed.problem,
            "the server ended 3 times during the import; upload a smaller file, then sync");
  EXPECT_THAT(listed(), IsEmpty());
  sync();
  EXPECT_EQ(imported().state, AttachmentState::imported) << "who asks again has three more";
  retire();
  ASSERT_TRUE(
      transact([&](Transaction& rows) { return import_again(rows, dataset, file, clock.now()); }));
  crash(2);
  start();
  EXPECT_EQ(imported().state, AttachmentState::imported);
}

TEST_F(ImporterTest, AStopIsNoStartThatCounts) {
  write(std::string(12'000, 'x'));
  ASSERT_TRUE(attach_file());
  for (int i = 0; i < 5; ++i) {
    retire();
    start();
  }
  EXPECT_EQ(imported().state, AttachmentState::imported);
  EXPECT_LE(imported().starts, 1);
}

TEST_F(ImporterTest, ATypeThatIsNoTextIsRefusedAtOnce) {
  write("x", "image/png");
  EXPECT_EQ(attach_file().error().message, "a file of the type image/png cannot be imported");
}

TEST_F(ImporterTest, ADetachedFilesRecordsStayOrGo) {
  write("pear one");
  ASSERT_TRUE(attach_file());
  imported();
  detach_file(KeepRecords::yes);
  EXPECT_THAT(listed(), ElementsAre("pear one"));
  EXPECT_EQ(
      change([&](Transaction& rows) { return import_again(rows, dataset, file, clock.now()); })
          .error()
          .message,
      "File not attached");
  ASSERT_TRUE(attach_file());
  imported();
  EXPECT_THAT(listed(), ElementsAre("pear one")) << "in place of those that had stayed";
  detach_file(KeepRecords::no);
  EXPECT_THAT(listed(), IsEmpty()) << "at once";
  while (indexed("pear") > 0) commit_nothing();
  while (read([&](const Transaction& rows) {
    return rows.attachments().find(dataset.id.key, file.id.key).has_value();
  })) {
    commit_nothing();
  }
}

TEST_F(ImporterTest, AFileThatGoesLeavesItsRecords) {
  write("pear one");
  ASSERT_TRUE(attach_file());
  imported();
  ASSERT_TRUE(change([&](Transaction& rows) -> Result<void> {
    remove_whole(rows, file);
    return {};
  }));
  EXPECT_THAT(listed(), ElementsAre("pear one"));
  const UploadKey content = *file.content;
  while (
      read([&](const Transaction& rows) { return rows.files().piece(content, 0).has_value(); })) {
    commit_nothing();
  }
}

TEST_F(ImporterTest, AnUploadThatACrashEndedIsRemoved) {
  const UploadKey upload = *transact([&](Transaction& rows) -> Result<UploadKey> {
    const UploadKey started = rows.files().start_upload(file, clock.now());
    rows.files().add_piece(started, 0, "half");
    return started;
  });
  retire();
  reopen();
  while (read([&](const Transaction& rows) { return rows.files().piece(upload, 0).has_value(); })) {
    commit_nothing();
  }
  EXPECT_FALSE(read([&](const Transaction& rows) { return rows.files().find(file.id)->content; }));
}

TEST_F(ImporterTest, ALargeFileIsImportedInManyCommits) {
  std::string text;
  for (int i = 0; i < 3'000; ++i) text += "pear " + std::to_string(i) + "\n\n";
  write(text);
  ASSERT_TRUE(attach_file());
  EXPECT_EQ(imported().records, 3'000);
  EXPECT_EQ(indexed("pear"), 3'000);
  EXPECT_EQ(found("2999"), 1U);
}

}  // namespace
}  // namespace bellpull
