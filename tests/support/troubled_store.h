// A store in front of another that fails when the test says so, and counts what passes.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "store/store.h"

namespace bellpull {

class TroubledStore final : public Store {
 public:
  explicit TroubledStore(Store& inner) : inner_(inner) {}

  // Of the records that follow, the one after `records` more fails, and so do all later ones: as if
  // the process had died just before that commit, or just after it.
  enum class Moment : std::uint8_t { before_commit, after_commit };
  void die_after(int records, Moment moment) {
    left_ = records;
    moment_ = moment;
    mortal_ = true;
  }
  void die_now() { die_after(-1, Moment::before_commit); }
  void revive() { mortal_ = false; }
  bool dead() const { return mortal_ && left_ < 0; }

  int commits = 0;  // open, append_steps, finish that passed
  int reads = 0;
  bool reads_are_lost = false;  // they fail once they were made
  int writes = 0;
  bool writes_are_refused = false;
  int refused_claims = 0;
  int renewals = 0;
  Result<void> renewal_answer;  // instead of the inner store's, when it is an error

  void listen(StoreListener& listener) override { inner_.listen(listener); }
  void start() override { inner_.start(); }
  void stop() override { inner_.stop(); }
  StoreHealth health() const override { return inner_.health(); }
  const Clock& clock() const override { return inner_.clock(); }
  void accept(AcceptBatch& batch) override { inner_.accept(batch); }

  Task<Result<ClaimedRun>> claim(Claim claim) override {
    if (dead()) {
      ++refused_claims;
      throw_dead();
    }
    co_return co_await inner_.claim(claim);
  }
  Task<Result<OpenedRun>> open(OpenRun open) override {
    die_before();
    auto opened = co_await inner_.open(std::move(open));
    die_after_commit();
    co_return opened;
  }
  Task<Result<void>> append_steps(AppendSteps append) override {
    die_before();
    auto appended = co_await inner_.append_steps(std::move(append));
    die_after_commit();
    co_return appended;
  }
  Task<Result<void>> finish(FinishRun finish) override {
    die_before();
    auto finished = co_await inner_.finish(std::move(finish));
    die_after_commit();
    co_return finished;
  }
  Task<Result<void>> renew(RenewLease renew) override {
    ++renewals;
    if (!renewal_answer) co_return renewal_answer;
    co_return co_await inner_.renew(renew);
  }

 protected:
  Task<void> write(std::function<bool(Transaction&)> work) override {
    if (writes_are_refused) throw StoreUnavailable("the store takes no writes");
    ++writes;
    const auto kept = [&work](Transaction& transaction) -> Result<bool> {
      if (!work(transaction)) return fail(ErrorCode::conflict, "undone");
      return true;
    };
    co_await inner_.transact(kept);
  }
  Task<void> read_snapshot(std::function<void(const Transaction&)> work, ReadKind kind) override {
    const auto read = [&work](const Transaction& snapshot) {
      work(snapshot);
      return true;
    };
    ++reads;
    co_await inner_.read(read, kind);
    if (reads_are_lost) throw_dead();
  }

 private:
  void die_before() {
    if (mortal_ && left_-- <= 0 && moment_ == Moment::before_commit) throw_dead();
    if (mortal_ && left_ < -1) throw_dead();
  }
  void die_after_commit() {
    ++commits;
    if (dead()) throw_dead();
  }
  static void throw_dead() { throw StoreUnavailable("the store is dead"); }

  Store& inner_;
  bool mortal_ = false;
  int left_ = 0;
  Moment moment_ = Moment::before_commit;
};

}  // namespace bellpull
