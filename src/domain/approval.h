// A question that a run asks people, and waits for: yes or no (product.md 6).
//
// It is decided once: by a person through the API or by its link, by its time, or by the end of the
// run that asked. Every change of `state` is a step away from `pending`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"

namespace bellpull {

// Stored as numbers.
enum class ApprovalState : std::uint8_t {
  pending = 0,
  approved = 1,
  refused = 2,
  expired = 3,  // nobody decided in time
  voided = 4,   // its run ended before anybody decided
};
// In the order of ApprovalState.
inline constexpr std::array<std::string_view, 5> approval_state_names{"pending", "approved",
                                                                      "refused", "expired", "void"};

// Who decided, where it was by the link, which names nobody.
inline constexpr std::string_view decided_by_link = "link";

struct Approval {
  ApprovalId id;
  AccountKey account;
  RunId run;
  TriggerId trigger;
  std::optional<ConversationId> conversation;
  std::string call_key;  // of the call that asks; no two have the same
  std::string question;
  std::optional<std::string> details;  // JSON
  ApprovalState state = ApprovalState::pending;
  TimePoint expires_at;
  std::optional<TimePoint> decided_at;
  std::string decided_by;    // a token's id, or decided_by_link; empty: nobody did
  std::string decider_name;  // of the token, as it was then
  std::string note;          // the decider's words
  TimePoint created_at;
};

// What it is at a time: one that is due to expire takes no decision any more.
inline ApprovalState state_at(const Approval& approval, TimePoint now) {
  const bool is_over = approval.state == ApprovalState::pending && approval.expires_at <= now;
  return is_over ? ApprovalState::expired : approval.state;
}

}  // namespace bellpull
