// The other hot door: what workers record about runs. Values in, one result out; the writer puts
// many into one commit, and a result is only given after the flush.
//
// Every record but `claim` names the lease it is made under, and fails with `lease_lost` when
// another lease has replaced it or the run was canceled: the caller drops its work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/contact.h"
#include "domain/conversation.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/run.h"
#include "domain/step.h"

namespace bellpull {

// A run that waits for a worker, or for its time.
struct PendingRun {
  RunId run;
  TriggerKey trigger;
  AccountKey account;
  std::int64_t session = 0;
  RunState state = RunState::queued;
  std::optional<TimePoint> due_at = std::nullopt;
};

// Something happened to a run. When it left the pending states, `next` is the oldest pending run
// of its session.
struct RunChange {
  PendingRun run;
  std::optional<PendingRun> next = std::nullopt;
};

struct Claim {
  RunId run;
  TimePoint now;
  TimePoint expires_at;
};

// A commit has no time for what may be large: the event comes along only while the run has no steps
// and the body is small. Otherwise it is to be read on a snapshot, like the steps.
struct ClaimedRun {
  Lease lease;
  Run run;
  std::optional<Event> event;
};

// A message made from a part of a step, in the same commit (domain/transcript.h).
struct MessageOfStep {
  MessageType type = MessageType::activity;
  std::int64_t part = 0;
};

// The action that a result is of, for the event log.
struct ActionOfStep {
  std::string name;  // "fetch"
  std::optional<AbilityId> ability;
  std::optional<SkillsetId> skillset;
  bool failed = false;
};

struct NewStep {
  StepKind kind = StepKind::note;
  std::string content = "{}";
  std::vector<MessageOfStep> messages;
  std::optional<ActionOfStep> action;
  bool outcome_unknown = false;  // the result of a call that nobody knows the outcome of
};

// One model call. The store knows what it costs.
struct ModelUse {
  std::string model;              // as the bot names it, without options
  std::int64_t input_tokens = 0;  // cached ones included
  std::int64_t cached_tokens = 0;
  std::int64_t output_tokens = 0;
};

// What is counted with the steps.
struct RunUsage {
  std::int64_t action_calls = 0;
  std::vector<ModelUse> model_calls;
};

// The run meets its contact, session and conversation; all are found or made in one commit with the
// opening step (api-contract.md 2.1, "Processing of an event").
struct OpenRun {
  Lease lease;
  TimePoint now;
  TriggerId trigger;
  std::string trigger_name;
  std::string trigger_description;
  BotId bot;
  std::optional<BlueprintId> blueprint;  // the trigger's
  Duration session_lifetime{0};          // zero: always fresh
  NewStep step;
};

struct OpenedRun {
  ConversationId conversation;
  std::optional<Contact> contact;
  std::int64_t first_message = 0;  // number of this run's first message there
};

struct AppendSteps {
  Lease lease;
  TimePoint now;
  std::vector<NewStep> steps;
  RunUsage usage;
};

// How an attempt ends: an ended state, or `retrying` with the time of the next attempt, or `queued`
// to hand the run back without counting the attempt.
struct FinishRun {
  Lease lease;
  TimePoint now;
  RunState state = RunState::succeeded;
  std::string reason;
  std::string error_message;
  std::optional<TimePoint> due_at;
  bool counts_attempt = true;
  std::vector<NewStep> steps;
  RunUsage usage;
};

struct RenewLease {
  Lease lease;
  TimePoint expires_at;
};

}  // namespace bellpull
