#include "queue/window.h"

#include <cstddef>
#include <deque>
#include <optional>

#include "domain/ids.h"
#include "store/run_records.h"

namespace bellpull {

namespace {

bool is_full(std::size_t given, std::size_t limit) { return limit != 0 && given >= limit; }

}  // namespace

std::optional<RunId> Window::head(const PendingRun& run) const {
  const auto head = heads_.find(session_of(run));
  if (head == heads_.end()) return std::nullopt;
  return head->second;
}

void Window::set_head(const PendingRun& run) {
  if (run.session != 0) heads_[session_of(run)] = run.run;
}

void Window::remove_head(const PendingRun& run) { heads_.erase(session_of(run)); }

void Window::add(const PendingRun& run) {
  set_head(run);
  TriggerLine& line = triggers_[run.trigger];
  line.ready.push_back(run);
  ++ready_;
  if (line.ready.size() > 1) return;
  AccountLine& account = accounts_[run.account];
  account.turns.push_back(run.trigger);
  if (account.turns.size() == 1) turns_.push_back(run.account);
}

std::optional<PendingRun> Window::take() {
  for (std::size_t tries = turns_.size(); tries > 0; --tries) {
    const AccountKey key = turns_.front();
    turns_.pop_front();
    AccountLine& account = accounts_[key];
    const std::optional<PendingRun> run = take_of(account);
    if (!account.turns.empty()) turns_.push_back(key);
    if (run) return run;
  }
  return std::nullopt;
}

std::optional<PendingRun> Window::take_of(AccountLine& account) {
  if (is_full(account.given, limits_.running_per_account)) return std::nullopt;
  for (std::size_t tries = account.turns.size(); tries > 0; --tries) {
    const TriggerKey trigger = account.turns.front();
    account.turns.pop_front();
    TriggerLine& line = triggers_[trigger];
    if (is_full(line.given, limits_.running_per_trigger)) {
      account.turns.push_back(trigger);
      continue;
    }
    const PendingRun run = line.ready.front();
    line.ready.pop_front();
    --ready_;
    if (!line.ready.empty()) account.turns.push_back(trigger);
    // The same run may be here twice, read from the store while it was told of.
    if (!given_.insert(run.run).second) {
      ++tries;
      if (account.turns.empty()) return std::nullopt;
      continue;
    }
    ++line.given;
    ++account.given;
    return run;
  }
  return std::nullopt;
}

bool Window::release(const PendingRun& run) {
  if (given_.erase(run.run) == 0) return false;
  --triggers_[run.trigger].given;
  --accounts_[run.account].given;
  drop_if_idle(run.trigger);
  return true;
}

// Lines of triggers that once had work would add up to all triggers there are.
void Window::drop_if_idle(TriggerKey trigger) {
  const auto line = triggers_.find(trigger);
  if (line != triggers_.end() && line->second.given == 0 && line->second.ready.empty()) {
    triggers_.erase(line);
  }
}

void Window::remove_ready(TriggerKey trigger) {
  const auto line = triggers_.find(trigger);
  if (line == triggers_.end() || line->second.ready.empty()) return;
  const AccountKey account = line->second.ready.front().account;
  for (const PendingRun& run : line->second.ready) {
    if (!is_given(run.run) && head(run) == run.run) remove_head(run);
  }
  ready_ -= line->second.ready.size();
  line->second.ready.clear();
  std::deque<TriggerKey>& turns = accounts_[account].turns;
  // NOLINTNEXTLINE(misc-include-cleaner): <deque> has it
  std::erase(turns, trigger);
  // NOLINTNEXTLINE(misc-include-cleaner)
  if (turns.empty()) std::erase(turns_, account);
  drop_if_idle(trigger);
}

void Window::clear() {
  triggers_.clear();
  accounts_.clear();
  turns_.clear();
  heads_.clear();
  given_.clear();
  ready_ = 0;
}

std::size_t Window::ready_of(TriggerKey trigger) const {
  const auto line = triggers_.find(trigger);
  return line == triggers_.end() ? 0 : line->second.ready.size();
}

}  // namespace bellpull
