#include "action/approval.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "base/duration.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/approval.h"
#include "store/approvals.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What a person can take in before deciding, and what a page can show.
constexpr std::size_t max_question_bytes = 4'000;
constexpr std::size_t max_details_bytes = std::size_t{64} * 1024;
constexpr Duration usual_time = std::chrono::days{7};
constexpr Duration longest_time = std::chrono::days{30};

enum class OnRefusal : std::uint8_t { fail, tell };

// What is asked, and what a no means.
struct Asked {
  Approval approval;
  OnRefusal on_refusal = OnRefusal::fail;
};

std::string read_question(InputFields& fields) {
  std::string question = fields.required_text("question");
  if (question.size() > max_question_bytes) {
    fields.add_problem(fmt::format(
        "question must be at most {} bytes long; put the rest into details", max_question_bytes));
  }
  return question;
}

std::optional<std::string> read_details(InputFields& fields) {
  const json::value* const details = fields.find("details");
  if (details == nullptr) return std::nullopt;
  std::string text =
      json::serialize(details->is_structured() ? *details : json::value(fields.text("details")));
  if (text.size() > max_details_bytes) {
    fields.add_problem(fmt::format("details must be at most {} bytes long", max_details_bytes));
  }
  return text;
}

Duration read_time(InputFields& fields) {
  const std::string text = fields.text("expires");
  if (text.empty()) return usual_time;
  const auto time = parse_duration(text);
  if (!time || *time <= Duration{0} || *time > longest_time) {
    fields.add_problem("expires must be a time such as 30m, 2h or 7d, at most 30d");
  }
  return time.value_or(usual_time);
}

OnRefusal read_on_refusal(InputFields& fields) {
  const std::string text = fields.text("onRefusal");
  if (text == "tell") return OnRefusal::tell;
  if (!text.empty() && text != "fail") fields.add_problem("onRefusal must be fail or tell");
  return OnRefusal::fail;
}

Result<Asked> read(const ActionRequest& request, TimePoint now) {
  const CallContext& context = request.context;
  if (!context.run || !context.trigger) {
    return fail(ErrorCode::invalid, "Nobody was asked: only a run can wait for an approval");
  }
  InputFields fields{request.input};
  // Its time begins when it is asked, however late after the intent a crash lets that be.
  Asked asked{.approval = {.account = context.account,
                           .run = *context.run,
                           .trigger = *context.trigger,
                           .conversation = context.conversation,
                           .call_key = request.idempotency_key,
                           .question = read_question(fields),
                           .details = read_details(fields),
                           .expires_at = now + read_time(fields),
                           .created_at = now},
              .on_refusal = read_on_refusal(fields)};
  if (std::string problems = fields.problems(); !problems.empty()) {
    return fail(ErrorCode::invalid, std::move(problems));
  }
  return asked;
}

std::string decider_of(const Approval& approval) {
  return approval.decider_name.empty() ? approval.decided_by : approval.decider_name;
}

std::string reason_of(const Approval& approval) {
  if (approval.state != ApprovalState::refused) return "Not approved: nobody decided in time";
  std::string reason = fmt::format("Not approved: refused by {}", decider_of(approval));
  if (!approval.note.empty()) reason += ": " + approval.note;
  return reason;
}

ActionOutcome approved(const Approval& approval) {
  return {.result = json::object{
              {"approved", true}, {"by", decider_of(approval)}, {"note", approval.note}}};
}

ActionOutcome not_approved(const Approval& approval, OnRefusal on_refusal) {
  json::object result{{"approved", false}};
  if (approval.state == ApprovalState::refused) {
    result["by"] = decider_of(approval);
    result["note"] = approval.note;
  } else {
    result["reason"] = "nobody decided in time";
  }
  ActionOutcome outcome{.result = std::move(result)};
  if (on_refusal == OnRefusal::tell) return outcome;
  outcome.settles = Settlement::failure;
  outcome.reason = reason_of(approval);
  return outcome;
}

}  // namespace

const ActionShape& ApprovalAction::shape() const {
  static const ActionShape shape{
      .main = "question", .fields = {"details", "expires", "onRefusal"}, .waits = true};
  return shape;
}

bool ApprovalAction::is_idempotent(const ActionRequest& /*request*/) const { return true; }

Task<ActionOutcome> ApprovalAction::execute(ActionRequest request) {
  const TimePoint now = clock_.now();
  const Result<Asked> asked = read(request, now);
  if (!asked) co_return error_outcome(asked.error().message);
  const Result<Approval> approval = co_await store_.transact(
      [&](Transaction& rows) { return ask_approval(rows, asked->approval, now); });
  if (!approval) co_return error_outcome(approval.error().message);
  switch (approval->state) {
    case ApprovalState::pending:
      co_return ActionOutcome{.waits_until = approval->expires_at};
    case ApprovalState::approved:
      co_return approved(*approval);
    case ApprovalState::refused:
    case ApprovalState::expired:
      co_return not_approved(*approval, asked->on_refusal);
    case ApprovalState::voided:
      break;  // its run has ended, and drops whatever comes
  }
  co_return error_outcome("The run has ended");
}

}  // namespace bellpull
