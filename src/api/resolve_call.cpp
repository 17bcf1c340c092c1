#include "api/resolve_call.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/field_value.h"
#include "api/log_change.h"
#include "api/rows.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/transcript.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// As much as a model is told of any result.
constexpr std::size_t max_result_bytes = std::size_t{64} * 1024;
constexpr std::size_t max_note_characters = 2'000;

Result<Resolution::Outcome> read_outcome(const json::object& body) {
  const json::value* const given = body.if_contains("outcome");
  const auto* const word = given == nullptr ? nullptr : given->if_string();
  const auto index = find_choice("outcome", resolution_names,
                                 word == nullptr ? std::string_view{} : std::string_view{*word});
  if (!index) {
    return fail(ErrorCode::invalid, "outcome must be \"done\" or \"not_done\"",
                "done: the call took effect; not_done: it did not");
  }
  return static_cast<Resolution::Outcome>(*index);
}

Result<std::string> read_note(const json::object& body) {
  const json::value* const given = body.if_contains("note");
  if (given == nullptr || given->is_null()) return std::string{};
  return read_text("note", {.max_characters = max_note_characters}, *given);
}

Result<std::optional<json::value>> read_result(const json::object& body) {
  const json::value* const given = body.if_contains("result");
  if (given == nullptr || given->is_null()) return std::nullopt;
  if (json::serialize(*given).size() > max_result_bytes) {
    return fail(ErrorCode::invalid, "result must be at most 64 KiB of JSON");
  }
  return *given;
}

}  // namespace

Result<Resolution> parse_resolution(const json::object& body) {
  Problems problems;
  const auto outcome = read_outcome(body);
  if (!outcome) problems.add(outcome.error());
  auto result = read_result(body);
  if (!result) problems.add(result.error());
  auto note = read_note(body);
  if (!note) problems.add(note.error());
  if (!problems.empty()) return std::unexpected(problems.error());
  return Resolution{.outcome = *outcome, .result = std::move(*result), .note = std::move(*note)};
}

Schema resolution_schema() {
  json::object note = or_null(text_schema());
  note["maxLength"] = max_note_characters;
  return {"Resolution",
          {{"type", "object"},
           {"properties",
            json::object{
                {"outcome", described(choice_schema(resolution_names),
                                      "`done`: the call took effect; `not_done`: it did not.")},
                {"result",
                 json::object{{"description", "What the call would have given, up to 64 KiB."}}},
                {"note", described(std::move(note), "How it was found out.")}}},
           {"required", json::array{"outcome"}}}};
}

Result<StepId> resolve_call(Transaction& rows, const Call& call, const StepId& result,
                            const Resolution& resolution, TimePoint now) {
  const auto found = rows.runs().find(result.run, RunStore::Body::without);
  if (!found || found->run.account != call.caller.account) return not_found("Step");
  const auto steps =
      rows.runs()
          .steps(result.run, {.after = result.number - 1, .take = 1, .order = Order::ascending})
          .rows;
  if (steps.empty() || steps.front().id != result) return not_found("Step");
  const Result<ResolvedCall> resolved = rows.runs().resolve(result, resolution, now);
  if (!resolved) return std::unexpected(resolved.error());
  if (!resolved->is_new) return resolved->step;
  log_run(rows, call, found->run, "run.resolve", now,
          {{"stepId", result.text()},
           {"outcome", resolution_names.at(static_cast<std::size_t>(resolution.outcome))}});
  return resolved->step;
}

}  // namespace bellpull
