#include "sqlite/indexer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "sqlite/conversation_facets.h"
#include "sqlite/database.h"
#include "sqlite/index_reader.h"
#include "sqlite/postings.h"

namespace bellpull {

namespace {

// Of a kind. At most 40,000 a second with the pause: more than a server of any load records.
constexpr std::int64_t batch_rows = 10'000;
// Between two batches: what gathers meanwhile shares blocks of postings, and a flush.
constexpr std::chrono::milliseconds pause{250};
constexpr std::size_t max_known_terms = 50'000;

constexpr std::string_view new_events_sql =
    "select id, account, trigger from runs where id > ?1 order by id limit ?2";
constexpr std::string_view new_log_items_sql = R"sql(
  select id, account, type, trigger, bot, conversation, contact from log_entries
   where id > ?1 order by id limit ?2)sql";
constexpr std::int64_t removed_worth_a_round = 20'000;
constexpr std::string_view oldest_stale_sql =
    "select id, conversation, was from stale order by id limit ?1";

// A conversation that changed: its number, and what it was before, if that is known.
struct StaleRow {
  std::int64_t conversation = 0;
  std::string was;
};

// One connection to each file and the statements between them.
class Pass {
 public:
  Pass(const std::filesystem::path& main_file, const std::filesystem::path& index_file)
      : main_(main_file, OpenMode::read),
        index_(index_file, OpenMode::write),
        new_events_(main_, new_events_sql),
        new_conversations_(
            main_, std::string{conversation_facets_sql} + "where id > ?1 order by id limit ?2"),
        one_conversation_(main_, std::string{conversation_facets_sql} + "where id = ?1"),
        new_log_items_(main_, new_log_items_sql),
        oldest_log_item_(main_, "select min(id) from log_items"),
        oldest_stale_(main_, oldest_stale_sql),
        progress_(index_, "select indexed from progress where kind = ?1"),
        set_progress_(index_, "insert or replace into progress (kind, indexed) values (?1, ?2)"),
        find_term_(index_, "select id from terms where account = ?1 and facet = ?2 and value = ?3"),
        add_term_(index_, "insert into terms (account, facet, value) values (?1, ?2, ?3)"),
        postings_(index_),
        remove_empty_term_(index_,
                           "delete from terms where id = ?1 and not exists "
                           "(select 1 from postings where term = ?1)") {
    // A power loss must not take back what the notes of changed rows are forgotten for: with NORMAL
    // a commit is not flushed, and those rows would be missed for good.
    index_.execute("pragma synchronous = full");
  }

  struct Outcome {
    bool more = false;            // a batch was full
    std::int64_t last_stale = 0;  // the last note of a changed row that was dealt with
  };

  // Indexes one batch of each kind.
  Outcome run() {
    index_.execute("begin immediate");
    const bool more_events = index_events();
    const bool more_conversations = index_conversations();
    const bool more_log_items = index_log_items();
    const bool more_removed = forget_removed_log_items();
    const Outcome stale = index_stale();
    index_.execute("commit");
    return {more_events || more_conversations || more_log_items || more_removed || stale.more,
            stale.last_stale};
  }

 private:
  std::int64_t indexed(IndexedKind kind) {
    if (!progress_.with(static_cast<std::int64_t>(kind)).step()) return 0;
    const std::int64_t value = progress_.number(0);
    progress_.reset();
    return value;
  }

  void set_indexed(IndexedKind kind, std::int64_t id) {
    set_progress_.with(static_cast<std::int64_t>(kind), id).run();
  }

  static std::string term_key(std::int64_t account, std::string_view facet,
                              std::string_view value) {
    return std::to_string(account) + '\0' + std::string{facet} + '\0' + std::string{value};
  }

  // 0: there is none.
  std::int64_t find_term(std::int64_t account, std::string_view facet, std::string_view value,
                         const std::string& key) {
    if (const auto known = terms_.find(key); known != terms_.end()) return known->second;
    if (!find_term_.with(account, facet, value).step()) return 0;
    const std::int64_t id = find_term_.number(0);
    find_term_.reset();
    return id;
  }

  std::int64_t term(std::int64_t account, std::string_view facet, std::string_view value) {
    std::string key = term_key(account, facet, value);
    std::int64_t id = find_term(account, facet, value, key);
    if (id == 0) {
      add_term_.with(account, facet, value).run();
      id = index_.last_row();
    }
    if (terms_.size() >= max_known_terms) terms_.clear();
    terms_.emplace(std::move(key), id);
    return id;
  }

  void post(std::int64_t account, std::string_view facet, std::string_view value, std::int64_t id) {
    postings_.add(term(account, facet, value), id);
  }

  bool index_events() {
    std::int64_t last = indexed(IndexedKind::event);
    std::int64_t rows = 0;
    new_events_.with(last, batch_rows);
    while (new_events_.step()) {
      last = new_events_.number(0);
      const std::int64_t account = new_events_.number(1);
      post(account, "event.account", "", last);
      post(account, "event.trigger", new_events_.text(2), last);
      ++rows;
    }
    if (rows > 0) set_indexed(IndexedKind::event, last);
    return rows == batch_rows;
  }

  void post(const Facets& facets, std::int64_t id) {
    for (const Facet& facet : facets.all) post(facets.account, facet.name, facet.value, id);
  }

  // Takes a row away from where it was, and notes the terms that may be empty now.
  void take_back(const Facets& facets, std::int64_t id,
                 std::unordered_map<std::string, std::int64_t>& left) {
    for (const Facet& facet : facets.all) {
      const std::string_view name = facet.name;
      const std::string_view value = facet.value;
      std::string key = term_key(facets.account, name, value);
      const std::int64_t term = find_term(facets.account, name, value, key);
      if (term == 0) continue;
      postings_.remove(term, id);
      left.emplace(std::move(key), term);
    }
  }

  bool index_conversations() {
    std::int64_t last = indexed(IndexedKind::conversation);
    std::int64_t rows = 0;
    new_conversations_.with(last, batch_rows);
    while (new_conversations_.step()) {
      last = new_conversations_.number(0);
      post(facets_of(new_conversations_), last);
      ++rows;
    }
    if (rows > 0) set_indexed(IndexedKind::conversation, last);
    return rows == batch_rows;
  }

  bool index_log_items() {
    constexpr LogFacet facets[] = {LogFacet::trigger, LogFacet::bot, LogFacet::conversation,
                                   LogFacet::contact};
    std::int64_t last = indexed(IndexedKind::log);
    std::int64_t rows = 0;
    new_log_items_.with(last, batch_rows);
    while (new_log_items_.step()) {
      last = new_log_items_.number(0);
      const std::int64_t account = new_log_items_.number(1);
      const std::int64_t type = term(account, "log.type", new_log_items_.view(2));
      postings_.add(log_term(LogFacet::type, type), last);
      postings_.add(log_term(LogFacet::account, account), last);
      int column = 3;
      for (const LogFacet facet : facets) {
        if (!new_log_items_.is_null(column)) {
          postings_.add(log_term(facet, new_log_items_.number(column)), last);
        }
        ++column;
      }
      ++rows;
    }
    if (rows > 0) set_indexed(IndexedKind::log, last);
    return rows == batch_rows;
  }

  // Retention takes entries from the log's beginning: a round over its postings forgets them here,
  // a stretch at a time. Gives whether the round goes on.
  bool forget_removed_log_items() {
    if (round_until_ == 0) {
      oldest_log_item_.step();
      const std::int64_t oldest = oldest_log_item_.number(0);
      oldest_log_item_.reset();
      // Not for every few that went.
      if (oldest < round_done_ + removed_worth_a_round) return false;
      round_until_ = oldest;
      round_at_ = {.term = std::numeric_limits<std::int64_t>::min(), .first = 0};
    }
    if (const auto at = postings_.forget_below(round_until_, round_at_, log_terms_end)) {
      round_at_ = *at;
      return true;
    }
    round_done_ = std::exchange(round_until_, 0);
    return false;
  }

  Outcome index_stale() {
    Outcome outcome;
    std::vector<StaleRow> rows;
    oldest_stale_.with(batch_rows);
    while (oldest_stale_.step()) {
      outcome.last_stale = oldest_stale_.number(0);
      rows.push_back({oldest_stale_.number(1), oldest_stale_.text(2)});
    }
    std::unordered_map<std::string, std::int64_t> left;
    for (const StaleRow& row : rows) {
      if (const auto before = facets_that_were(row.was)) {
        take_back(*before, row.conversation, left);
      }
      if (!one_conversation_.with(row.conversation).step()) continue;
      post(facets_of(one_conversation_), row.conversation);
      one_conversation_.reset();
    }
    postings_.write();
    // Last, so that a value which keeps a row keeps its term: a list has looked up its number and
    // is about to read its rows.
    for (const auto& [key, term] : left) {
      if (remove_empty_term_.with(term).run() > 0) terms_.erase(key);
    }
    outcome.more = std::ssize(rows) == batch_rows;
    return outcome;
  }

  Database main_;
  Database index_;
  Statement new_events_;
  Statement new_conversations_;
  Statement one_conversation_;
  Statement new_log_items_;
  Statement oldest_log_item_;
  Statement oldest_stale_;
  Statement progress_;
  Statement set_progress_;
  Statement find_term_;
  Statement add_term_;
  PostingWriter postings_;
  Statement remove_empty_term_;
  std::unordered_map<std::string, std::int64_t> terms_;
  // The round over the log's postings: 0 when there is none, else what is older goes.
  std::int64_t round_until_ = 0;
  std::int64_t round_done_ = 0;
  PostingWriter::Place round_at_;
};

}  // namespace

Indexer::Indexer(std::filesystem::path main_file, std::filesystem::path index_file,
                 ForgetStale forget_stale, Log& log)
    : main_file_(std::move(main_file)),
      index_file_(std::move(index_file)),
      forget_stale_(std::move(forget_stale)),
      log_(log) {}

Indexer::~Indexer() { stop(); }

void Indexer::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Indexer::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Indexer::wake() {
  {
    const std::scoped_lock lock{mutex_};
    if (pending_) return;
    pending_ = true;
  }
  woken_.notify_one();
}

void Indexer::run() {
  std::unique_ptr<Pass> pass;
  bool more = false;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (!more) woken_.wait(lock, [this] { return stopping_ || pending_; });
    if (stopping_) return;
    pending_ = false;
    lock.unlock();
    try {
      if (!pass) pass = std::make_unique<Pass>(main_file_, index_file_);
      const Pass::Outcome outcome = pass->run();
      more = outcome.more;
      // Only now that the index has them: a crash in between indexes them twice, which is harmless.
      if (outcome.last_stale > 0) forget_stale_(outcome.last_stale);
    } catch (const std::exception& error) {
      // The main file is in trouble, or the disk full: the index waits, nothing is lost.
      log_.warning("index", "paused", {{"error", error.what()}});
      pass.reset();
      more = false;
    }
    lock.lock();
    if (!stopping_) woken_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

}  // namespace bellpull
