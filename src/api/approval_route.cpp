#include "api/approval_route.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "api/approval_links.h"
#include "api/approval_page.h"
#include "api/approvals.h"
#include "api/field_value.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "http/method.h"
#include "http/query.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "store/approvals.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

// What a form says; `problem`: why it can't be taken.
struct ApprovalRoute::Answer {
  bool approve = false;
  std::string note;
  std::string problem;
};

namespace {

// A note of the longest kind, every character of it as four escapes.
constexpr std::size_t max_form_bytes = std::size_t{32} * 1024;

struct Found {
  Approval approval;
  std::string trigger_name;
};

// A link outlives neither its approval nor its account's permission.
std::optional<Found> find(const Transaction& rows, const ApprovalId& id) {
  std::optional<Approval> approval = rows.approvals().find(id);
  if (!approval) return std::nullopt;
  const auto account = rows.accounts().find(approval->account);
  if (!account || account->state != AccountState::enabled) return std::nullopt;
  const auto trigger = rows.triggers().find(approval->trigger);
  return Found{std::move(*approval), trigger ? trigger->name : ""};
}

Schema form_schema() {
  constexpr std::array<std::string_view, 2> answers{"true", "false"};
  return {
      "",
      {{"type", "object"},
       {"properties", json::object{{"approve", choice_schema(answers)}, {"note", text_schema()}}},
       {"required", json::array{"approve"}}}};
}

ApprovalId granted(const RequestHead& request) {
  return *static_cast<const ApprovalId*>(request.grant().get());
}

// Forms send line ends as CR LF.
std::string with_plain_line_ends(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != '\r') plain += c;
  }
  return plain;
}

Response no_such_link() {
  return message_page(403, "This link is not valid",
                      "It is incomplete, has expired, or what it was for is gone.");
}
Response unavailable() {
  return message_page(503, "Not now", "The server can't do this at the moment. Please try again.");
}

}  // namespace

void ApprovalRoute::add_to(Routes& routes) {
  const std::string path = fmt::format("/approval/{{{}}}/page", ApprovalLinks::id_parameter);
  const auto admit_link = [this](const RequestHead& request) {
    return std::optional{admit(request)};
  };
  for (const std::string_view prefix : route_prefixes) {
    routes.router().add({.methods = {Method::get},
                         .pattern = std::string{prefix} + path,
                         .handle = [this](Request& request) { return show(request); },
                         .admit = admit_link});
    routes.router().add({.methods = {Method::post},
                         .pattern = std::string{prefix} + path,
                         .body_limit = max_form_bytes,
                         .handle = [this](Request& request) { return decide(request); },
                         .admit = admit_link});
  }
  describe(routes, path);
}

void ApprovalRoute::describe(Routes& routes, const std::string& path) {
  const std::vector<Description::Parameter> link{
      {"expires", "When the link ends, in ms", whole_number_schema()},
      {"signature", "What makes it ours"}};
  const Schema page{"", described(text_schema(), "The page.")};
  const std::vector<Description::Reply> refusals{{400, "A page that says why", {}},
                                                 {403, "A page: the link is not valid", {}},
                                                 {503, "A page: not now", {}}};
  routes.list(Method::get, path, Routes::Access::anyone)
      .describe({.summary = "Shows an approval by its link",
                 .gives = page,
                 .form = Description::Form::bytes,
                 .query = link,
                 .about = "A page for people, which decides nothing. The whole URL is the "
                          "approval's `link`.",
                 .errors = {500},
                 .replies = refusals,
                 .media = "text/html",
                 .id = "approval.page.fetch"});
  std::vector<Description::Reply> conflicts = refusals;
  conflicts.push_back({409, "A page with what it came to already", {}});
  routes.list(Method::post, path, Routes::Access::anyone)
      .describe({.summary = "Decides an approval by its link",
                 .takes = form_schema(),
                 .gives = page,
                 .form = Description::Form::bytes,
                 .query = link,
                 .about = "What the page's form sends.",
                 .errors = {408, 413, 500},
                 .replies = std::move(conflicts),
                 .takes_media = "application/x-www-form-urlencoded",
                 .media = "text/html",
                 .id = "approval.page.decide"});
}

// Before the body, and before the store is asked anything.
Admission ApprovalRoute::admit(const RequestHead& request) const {
  const auto approval = links_.granted(request);
  if (!approval) return {.refusal = no_such_link()};
  return {.grant = std::make_shared<const ApprovalId>(*approval)};
}

Task<Response> ApprovalRoute::show(Request request) {
  Answer none;  // named, because g++ 12 destroys an aggregate inside a co_await twice
  co_return co_await page_of(granted(request), 200, std::move(none));
}

Task<Response> ApprovalRoute::decide(Request request) {
  const Query form{request.body};
  const std::string_view approve = form.find("approve").value_or("");
  Answer answer{.approve = approve == "true",
                .note = with_plain_line_ends(trimmed(form.find("note").value_or("")))};
  if (!is_utf8(answer.note)) {
    answer.note.clear();
    answer.problem = "The note must be valid UTF-8 text.";
  } else if (characters(answer.note) > max_note_characters) {
    answer.problem =
        fmt::format("The note must be at most {} characters long.", max_note_characters);
  } else if (approve != "true" && approve != "false") {
    answer.problem = "Choose one of the two buttons.";
  }
  const ApprovalId id = granted(request);
  if (!answer.problem.empty()) co_return co_await page_of(id, 400, std::move(answer));
  co_return co_await keep(id, std::move(answer));
}

Task<Response> ApprovalRoute::keep(ApprovalId id, Answer answer) {
  const TimePoint now = clock_.now();
  const std::string request_id = new_request_id(random_);
  int status = 200;
  try {
    const Result<Approval> decided =
        co_await store_.transact([&](Transaction& rows) -> Result<Approval> {
          auto found = find(rows, id);
          if (!found) return fail(ErrorCode::not_found, "");
          const LogAuthor author{
              .account = found->approval.account, .token_id = "", .request_id = request_id};
          return decide_and_log(rows, author, std::move(found->approval),
                                Decision{.approve = answer.approve,
                                         .by = std::string{decided_by_link},
                                         .by_name = "",
                                         .note = answer.note},
                                now);
        });
    if (!decided && decided.error().code != ErrorCode::conflict) co_return no_such_link();
    if (!decided) {
      status = 409;
      answer.problem = decided.error().message + ".";
    }
  } catch (const StoreUnavailable&) {
    co_return unavailable();
  }
  co_return co_await page_of(id, status, std::move(answer));
}

Task<Response> ApprovalRoute::page_of(ApprovalId id, int status, Answer answer) {
  try {
    const auto found =
        co_await store_.read([&](const Transaction& rows) { return find(rows, id); });
    if (!found) co_return no_such_link();
    co_return approval_page(status, {.approval = found->approval,
                                     .trigger_name = found->trigger_name,
                                     .now = clock_.now(),
                                     .problem = answer.problem,
                                     .note = answer.note});
  } catch (const StoreUnavailable&) {
    co_return unavailable();
  }
}

}  // namespace bellpull
