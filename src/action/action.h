// What an ability does: one action with an input, called by the model with arguments.
//
// An ability's instruction (api-contract.md, appendix B) is parsed once into an Instruction: the
// action's name, its options, and the input as a template. The model's arguments fill the template;
// what was filled in is never scanned again, so an argument can neither name a secret nor open
// another placeholder.
//
// Lifetime: actions outlive every call. Threads: the worker's executor only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/task.h"
#include "base/time.h"

namespace bellpull {

// How the run ends, when the model settled it.
enum class Settlement : std::uint8_t { success, failure };

struct ActionRequest {
  std::string input;            // the instruction's body with the arguments filled in
  boost::json::object options;  // "/key=value" of the fence's first line, as text
  boost::json::object arguments;
  std::string idempotency_key;  // the same for every try at this step of this run
  SteadyTime deadline;
};

struct ActionOutcome {
  boost::json::value result;  // what the model sees
  bool is_error = false;      // the call did not do what it was asked to; the result says why
  std::optional<Settlement> settles = std::nullopt;
  std::string reason;  // with `settles`: the model's own words
};

class Action {
 public:
  virtual ~Action() = default;

  // Whether this call may be made again when its first outcome is unknown (product.md, P5).
  virtual bool is_idempotent(const ActionRequest& request) const = 0;

  // Never throws for what the other side does: that is an outcome with `is_error`. Cancelling the
  // task closes its connections.
  virtual Task<ActionOutcome> execute(ActionRequest request) = 0;
};

}  // namespace bellpull
