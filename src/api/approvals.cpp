#include "api/approvals.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/approval.h"
#include "domain/ids.h"
#include "domain/trigger.h"
#include "http/response.h"
#include "store/approvals.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::string_view state_name(ApprovalState state) {
  return approval_state_names.at(static_cast<std::size_t>(state));
}

template <class Write>
Field<Approval> shown(std::string_view name, const FieldShape& shape, Write write) {
  return {.name = name, .shape = shape, .write = [write](const Approval& approval, const View&) {
            return json::value(write(approval));
          }};
}
Field<Approval> words(std::string_view name, std::string Approval::* member) {
  return shown(name, {.nullable = true},
               [member](const Approval& approval) { return text_or_null(approval.*member); });
}

json::object details_schema() {
  return either_schema({open_object_schema(),
                        json::object{{"type", "array"}, {"items", json::object{}}}, text_schema()});
}

const Fields<Approval>& approval_fields() {
  static const Fields<Approval> fields{
      id_field<Approval>(),
      shown("runId", {.kind = ValueKind::reference},
            [](const Approval& approval) { return approval.run.text(); }),
      shown("triggerId", {.kind = ValueKind::reference},
            [](const Approval& approval) { return approval.trigger.text(); }),
      shown("conversationId", {.kind = ValueKind::reference, .nullable = true},
            [](const Approval& approval) {
              const auto& id = approval.conversation;
              return id ? json::value(id->text()) : json::value(nullptr);
            }),
      shown("state",
            {.kind = ValueKind::choice,
             .choices = {approval_state_names.begin(), approval_state_names.end()}},
            [](const Approval& approval) { return state_name(approval.state); })
          .means("`void`: its run ended before anybody decided."),
      shown("question", {}, [](const Approval& approval) { return approval.question; }),
      shown("details", {.kind = ValueKind::object, .nullable = true},
            [](const Approval& approval) {
              const auto& details = approval.details;
              return details ? parse_foreign(*details).value_or(nullptr) : json::value(nullptr);
            })
          .gives(details_schema())
          .means("More about the question: a map, a list or a text."),
      timestamp("expiresAt", &Approval::expires_at),
      optional_time("decidedAt", &Approval::decided_at),
      words("decidedBy", &Approval::decided_by).means("A token's id, or `link`."),
      words("deciderName", &Approval::decider_name).means("The token's name, as it was then."),
      words("note", &Approval::note),
      timestamp("createdAt", &Approval::created_at),
  };
  return fields;
}

Schema approval_schema() {
  Schema schema = reply_schema("Approval", approval_fields());
  add_members(
      schema.schema,
      object_schema(
          {{"link", described(or_null(text_schema()),
                              "A page at which whoever has the link decides. Null when it is "
                              "decided, for a token without the scope `write`, and where the "
                              "server has no `api.public_url`.")}}));
  return schema;
}

ListRules approval_list() {
  const FilterRule by_state{"state", "state", [](std::string_view text) -> Result<FilterValue> {
                              const auto index = find_choice("state", approval_state_names, text);
                              if (!index) return std::unexpected(index.error());
                              return static_cast<std::int64_t>(*index);
                            }};
  const FilterRule by_run{"runId", "run", [](std::string_view text) -> Result<FilterValue> {
                            const auto run = RunId::parse(text);
                            return run ? run->value : std::int64_t{-1};
                          }};
  return {.kind = "approval",
          .filters = {by_state, reference_filter<Trigger>("triggerId", "trigger"),
                      id_filter<ConversationKind>("conversationId", "conversation"), by_run},
          .has_meta = false};
}

struct GivenDecision {
  bool approve = false;
  std::string note;
};

Fields<GivenDecision> decision_fields() {
  return {boolean("approve", &GivenDecision::approve).needed(Needed::given),
          text("note", &GivenDecision::note, {.max_characters = max_note_characters})
              .means("Told to the bot, and why a run failed.")};
}

Decision decision_of(const Transaction& rows, const Call& call, const GivenDecision& given) {
  Decision decision{.approve = given.approve, .note = given.note};
  if (const auto token = rows.tokens().find(call.caller.token)) {
    decision.by = token->id.text();
    decision.by_name = token->name;
  }
  return decision;
}

}  // namespace

Result<Approval> decide_and_log(Transaction& rows, const LogAuthor& author, Approval approval,
                                const Decision& decision, TimePoint now) {
  Result<Approval> decided = decide_approval(rows, std::move(approval), decision, now);
  if (!decided) return decided;
  json::object meta{{"approvalId", decided->id.text()}, {"state", state_name(decided->state)}};
  if (author.token_id.empty()) meta["by"] = decision.by;
  log_item(rows, author, approval_entry(rows, *decided, "approval.decide", now), std::move(meta));
  return decided;
}

void Approvals::add_routes(Routes& routes) {
  const std::string one = "/approval/{approvalId}";
  routes.get("/approval/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists approvals",
                 .gives = approval_schema(),
                 .form = Description::Form::list,
                 .query = list_parameters(approval_list())});
  routes.get(one + "/fetch", [this](Call call) { return fetch(std::move(call)); })
      .describe({.summary = "Fetches an approval", .gives = approval_schema()});
  routes.post(one + "/decide", [this](Call call) { return decide(std::move(call)); })
      .describe({.summary = "Approves or refuses, and lets the run go on",
                 .takes = body_schema("ApprovalDecision", decision_fields(), Verb::create),
                 .gives = {"ApprovalDecided",
                           object_schema({{"id", text_schema()},
                                          {"state", choice_schema(approval_state_names)}})},
                 .about = "One that was decided, whose time is over or whose run has ended is a "
                          "conflict.",
                 .errors = {409}});
}

Approvals::Shown Approvals::shown_to(const Call& call) {
  return call.caller.allows(Scope::write) ? Shown::with_link : Shown::without_link;
}

json::object Approvals::render_one(const Approval& approval, const View& view, Shown shown) const {
  Approval now_shown = approval;
  now_shown.state = state_at(approval, clock_.now());
  json::object item = render(approval_fields(), now_shown, view);
  const bool has_link = shown == Shown::with_link && now_shown.state == ApprovalState::pending;
  item["link"] = text_or_null(has_link ? links_.url_for(approval) : "");
  return item;
}

Task<Response> Approvals::list(Call call) {
  static const ListRules rules = approval_list();
  Result<ListRequest> request = parse_list(rules, call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  *request = co_await with_aliases_resolved(&store_, std::move(*request));

  ReadPage read = [this, query = request->query, view = call.view, shown = shown_to(call)](
                      const Page& page) { return read_page(query, page, view, shown); };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<ListPage>> Approvals::read_page(ListQuery query, Page page, View view, Shown shown) {
  const Result<PageRows<Approval>> found =
      co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
        query.page = left;
        return rows.approvals().look(query);
      });
  if (!found) co_return std::unexpected(found.error());
  ListPage rendered{.is_partial = found->is_cut};
  for (const Approval& one : *found) rendered.items.push_back(render_one(one, view, shown));
  if (!found->empty()) rendered.last = found->back().id.key.value;
  co_return rendered;
}

Task<Response> Approvals::fetch(Call call) {
  const Result<Approval> found = co_await store_.read([&](const Transaction& rows) {
    return find_own<Approval>(rows, call.caller.account,
                              call.parameter(ApprovalLinks::id_parameter));
  });
  if (!found) co_return call.reply(found.error());
  co_return call.reply(render_one(*found, call.view, shown_to(call)));
}

Task<Response> Approvals::decide(Call call) {
  const auto given = read_body(decision_fields(), call.body);
  if (!given) co_return call.reply(given.error());
  const TimePoint now = clock_.now();
  const Result<Approval> decided =
      co_await store_.transact([&](Transaction& rows) -> Result<Approval> {
        Result<Approval> found = find_own<Approval>(rows, call.caller.account,
                                                    call.parameter(ApprovalLinks::id_parameter));
        if (!found) return found;
        return decide_and_log(rows, author_of(rows, call), std::move(*found),
                              decision_of(rows, call, *given), now);
      });
  if (!decided) co_return call.reply(decided.error());
  co_return call.reply(
      json::object{{"id", decided->id.text()}, {"state", state_name(decided->state)}});
}

}  // namespace bellpull
