#include "api/api.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/abilities.h"
#include "api/ability_execution.h"
#include "api/accounts.h"
#include "api/approval_links.h"
#include "api/approval_route.h"
#include "api/approvals.h"
#include "api/attachments.h"
#include "api/blueprints.h"
#include "api/bots.h"
#include "api/bulk.h"
#include "api/contact_secrets.h"
#include "api/contact_work.h"
#include "api/contacts.h"
#include "api/content_links.h"
#include "api/content_route.h"
#include "api/conversation_export.h"
#include "api/conversations.h"
#include "api/cors.h"
#include "api/datasets.h"
#include "api/error_reply.h"
#include "api/event_log.h"
#include "api/file_contents.h"
#include "api/files.h"
#include "api/inbox.h"
#include "api/log_watch.h"
#include "api/messages.h"
#include "api/models.h"
#include "api/not_built.h"
#include "api/openapi.h"
#include "api/path_hint.h"
#include "api/prices.h"
#include "api/records.h"
#include "api/rejected.h"
#include "api/routes.h"
#include "api/run_watch.h"
#include "api/runs.h"
#include "api/schedule_preview.h"
#include "api/schema.h"
#include "api/secrets.h"
#include "api/skillsets.h"
#include "api/system_info.h"
#include "api/tokens.h"
#include "api/trigger_controls.h"
#include "api/triggers.h"
#include "api/usage.h"
#include "base/task.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/service.h"
#include "store/list.h"

namespace bellpull {

namespace json = boost::json;

namespace {

const std::string description_path = "/openapi.json";

json::object facts_of(const ApiSettings& settings) {
  return {{"version", settings.version},
          {"store", settings.store},
          {"limits",
           {{"jsonBytes", settings.body_limit},
            {"eventBytes", settings.event_body_limit},
            {"fileBytes", settings.file_limit},
            {"pageItems", max_page}}}};
}

Task<Response> serve(std::string_view document) {
  co_return Response{.body = std::string{document}};
}

}  // namespace

// The resources, each with its endpoints.
struct Api::Resources {
  Resources(const ApiParts& parts, const ApiSettings& settings, RunWatch& watch,
            LogWatch& log_watch)
      : bots(parts.store, parts.clock),
        skillsets(parts.store, parts.clock),
        abilities(parts.store, parts.clock),
        ability_execution(parts.store, parts.clock, parts.random, parts.bench),
        datasets(parts.store, parts.clock),
        records(parts.store, parts.clock),
        attachments(parts.store, parts.clock),
        contents(parts.store, parts.clock, settings.file_limit),
        links(parts.vault, parts.clock),
        files(parts.store, parts.clock, {contents, links, parts.remote, settings.address}),
        content_route(parts.store, parts.clock, contents, links, parts.random),
        triggers(parts.store, parts.clock, parts.random, parts.vault,
                 settings.require_bot ? BotOnCreate::required : BotOnCreate::optional),
        trigger_controls(parts.store, parts.clock, parts.random, parts.vault),
        schedule_preview(parts.store, parts.clock),
        contacts(parts.store, parts.clock, parts.random),
        blueprints(parts.store, parts.clock, parts.random, parts.vault),
        secrets(parts.store, parts.clock, parts.vault),
        contact_secrets(parts.store, parts.clock, parts.vault),
        contact_work(parts.store, parts.clock),
        conversations(parts.store, parts.clock),
        conversation_export(parts.store),
        messages(parts.store, parts.clock),
        inbox(parts.store, parts.clock, watch, settings.event_body_limit),
        bulk(parts.store, parts.clock, watch),
        rejected(parts.store),
        runs(parts.store, parts.clock, watch),
        approval_links(parts.vault, parts.clock, settings.address.public_url),
        approvals(parts.store, parts.clock, approval_links),
        approval_route(parts.store, parts.clock, approval_links, parts.random),
        event_log(parts.store, parts.clock, log_watch),
        models(settings.models, parts.clock),
        usage(parts.store, parts.clock, settings.currency),
        prices(parts.store, parts.clock, settings.currency),
        tokens(parts.store, parts.clock, parts.random, parts.authenticator),
        accounts(parts.store, parts.clock, parts.random, parts.authenticator),
        system(parts.clock, facts_of(settings)) {}

  Bots bots;
  Skillsets skillsets;
  Abilities abilities;
  AbilityExecution ability_execution;
  Datasets datasets;
  Records records;
  Attachments attachments;
  FileContents contents;
  ContentLinks links;
  Files files;
  ContentRoute content_route;
  Triggers triggers;
  TriggerControls trigger_controls;
  SchedulePreview schedule_preview;
  Contacts contacts;
  Blueprints blueprints;
  Secrets secrets;
  ContactSecrets contact_secrets;
  ContactWork contact_work;
  Conversations conversations;
  ConversationExport conversation_export;
  Messages messages;
  Inbox inbox;
  Bulk bulk;
  Rejected rejected;
  Runs runs;
  ApprovalLinks approval_links;
  Approvals approvals;
  ApprovalRoute approval_route;
  EventLogRoutes event_log;
  Models models;
  Usage usage;
  Prices prices;
  Tokens tokens;
  Accounts accounts;
  SystemInfo system;
};

Api::Api(Router& router, const ApiParts& parts, ApiSettings settings)
    : settings_(std::move(settings)),
      keyed_calls_(parts.vault, parts.clock, settings_.keys),
      routes_(router, parts.authenticator, keyed_calls_, parts.random, parts.log,
              {.body_limit = settings_.body_limit, .timestamps = settings_.timestamps}),
      resources_(std::make_unique<Resources>(parts, settings_, run_watch_, log_watch_)) {
  resources_->bots.add_routes(routes_);
  resources_->skillsets.add_routes(routes_);
  resources_->abilities.add_routes(routes_);
  resources_->ability_execution.add_routes(routes_);
  resources_->datasets.add_routes(routes_);
  resources_->records.add_routes(routes_);
  resources_->attachments.add_routes(routes_);
  resources_->files.add_routes(routes_);
  resources_->content_route.add_to(routes_);
  resources_->triggers.add_routes(routes_);
  resources_->trigger_controls.add_routes(routes_);
  resources_->schedule_preview.add_routes(routes_);
  resources_->contacts.add_routes(routes_);
  resources_->blueprints.add_routes(routes_);
  resources_->secrets.add_routes(routes_);
  resources_->contact_secrets.add_routes(routes_);
  resources_->contact_work.add_routes(routes_);
  resources_->conversations.add_routes(routes_);
  resources_->conversation_export.add_routes(routes_);
  resources_->messages.add_routes(routes_);
  resources_->inbox.add_routes(routes_);
  resources_->bulk.add_routes(routes_);
  resources_->rejected.add_routes(routes_);
  resources_->runs.add_routes(routes_);
  resources_->approvals.add_routes(routes_);
  resources_->approval_route.add_to(routes_);
  resources_->event_log.add_routes(routes_);
  resources_->models.add_routes(routes_);
  resources_->usage.add_routes(routes_);
  resources_->prices.add_routes(routes_);
  resources_->tokens.add_routes(routes_);
  resources_->accounts.add_routes(routes_);
  resources_->system.add_routes(routes_);
  add_routes_not_built(routes_);
}

Api::~Api() = default;

void Api::describe(std::string_view version) {
  Routes::Endpoint& own = routes_.list(Method::get, description_path, Routes::Access::anyone);
  own.has_prefix = false;
  own.describe({.summary = "This description of the API",
                .gives = {"", open_object_schema()},
                .about = "OpenAPI 3.1, made from the table that routes and checks. Also at "
                         "/api/v1/openapi.json and /v1/openapi.json."});
  description_ = json::serialize(openapi_document(routes_.endpoints(), version));
  for (const std::string_view prefix : {"", "/api/v1", "/v1"}) {
    routes_.router().add({.methods = {Method::get},
                          .pattern = std::string{prefix} + description_path,
                          .body_limit = settings_.body_limit,
                          .handle = [this](Request&) { return serve(description_); }});
  }
}

ServerHooks Api::hooks() {
  return {
      .error =
          [this](int status, std::string_view message, const RequestHead* head) {
            std::string hint;
            if (status == 404 && head != nullptr) {
              hint = path_hint(routes_.endpoints(), head->path());
            }
            if (status == 405 && head != nullptr) {
              hint = "send it with " + std::string{head->allow()};
            }
            return status_reply(status, message, routes_.new_request_id(), hint);
          },
      .options = [](const RequestHead&) { return Response{.body = "{}"}; },
      .finish =
          [this](Response& response, const RequestHead& request) {
            // An accepted event is known by its id, which needs no randomness; and its sender is
            // hardly ever a browser, which would say so.
            const bool is_accepted_event = response.headers.has("x-event-id");
            if (is_accepted_event && request.header("origin").empty()) return;
            if (!is_accepted_event && !response.headers.has("x-request-id")) {
              response.headers.add("x-request-id", routes_.new_request_id());
            }
            add_cors_headers(response, request, settings_.origins);
          },
  };
}

}  // namespace bellpull
