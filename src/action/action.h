// What an ability does: one action with an input, called by the model with arguments.
//
// An ability's instruction (api-contract.md, appendix B) is parsed once into an Instruction: the
// action's name and its input as a template (block.h). The model's arguments fill the template;
// what was filled in is never scanned again, so an argument can neither name a secret nor open
// another placeholder.
//
// Lifetime: actions outlive every call. Threads: the worker's executor only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/shape.h"
#include "action/template.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "egress/redaction.h"
#include "store/run_records.h"

namespace bellpull {

// How the run ends, when the model settled it.
enum class Settlement : std::uint8_t { success, failure };

// Whose call it is, and in which run. The test bench of abilities has no trigger, bot or run.
struct CallContext {
  AccountKey account;
  std::optional<TriggerId> trigger;
  std::optional<BotId> bot;
  std::optional<RunId> run;
  std::optional<ConversationId> conversation;
  std::optional<ContactId> contact;
  // Anybody could have sent the event: its contact is a claim, and opens nothing that is kept of
  // that person.
  bool from_anybody = false;
  std::optional<BlueprintId> blueprint;  // the trigger's
  // How many triggers and bots called one another to get here; both are bounded.
  std::int64_t hops = 0;
};

// Whose an ability is, and what it is linked to.
struct AbilityLinks {
  AccountKey owner;  // may be another account than the run's: a public bot brings its own along
  std::optional<AbilityId> ability;
  std::optional<SkillsetId> skillset;
  std::optional<SecretId> secret;
  std::optional<FileId> file;
  std::optional<BotId> bot;
};

// A secret whose value is in the input.
struct UsedSecret {
  std::string name;                // "SECRET_CRM"
  std::vector<std::string> hosts;  // that it is bound to; none: not bound
};

struct ActionRequest {
  boost::json::object input;  // by the names of the action's shape
  boost::json::object arguments;
  CallContext context;
  AbilityLinks links;
  std::vector<UsedSecret> secrets;
  // Of those, for what an action picks out of a reply; the outcome is redacted in any case. Null
  // when there are none.
  const Redactor* redact = nullptr;
  bool chosen_host = false;     // see Block
  std::string idempotency_key;  // the same for every try at this step of this run
  TimePoint intended_at;        // likewise
  SteadyTime deadline;
};

struct ActionOutcome {
  boost::json::value result;  // what the model sees
  bool is_error = false;      // the call did not do what it was asked to; the result says why
  std::optional<Settlement> settles = std::nullopt;
  std::string reason;  // with `settles`: the model's own words
  // With `is_error`: it may have taken effect nevertheless, like a POST whose reply never came. It
  // is recorded as a call that a crash cut off is (product.md, P5).
  bool outcome_unknown = false;
  // The call is not over: it is to be made again with the same key, then or when something happens
  // before. The run waits meanwhile, and nothing is recorded of the call. Of idempotent calls only.
  std::optional<TimePoint> waits_until = std::nullopt;
  std::vector<ModelUse> model_calls;  // that it made; they count for the run
};

class Action {
 public:
  virtual ~Action() = default;

  virtual const ActionShape& shape() const = 0;

  // Says of each placeholder of an input where it stands, and gives whether the caller chooses the
  // host that the call goes to (Block::chosen_host).
  virtual bool mark(TemplateMap& /*input*/) const { return false; }

  // Whether this call may be made again when its first outcome is unknown (product.md, P5).
  virtual bool is_idempotent(const ActionRequest& request) const = 0;

  // Never throws for what the other side does: that is an outcome with `is_error`. Cancelling the
  // task closes its connections.
  virtual Task<ActionOutcome> execute(ActionRequest request) = 0;
};

}  // namespace bellpull
