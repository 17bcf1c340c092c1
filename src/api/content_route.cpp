#include "api/content_route.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "api/content_links.h"
#include "api/error_reply.h"
#include "api/log_change.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace {

const ContentGrant& granted(const RequestHead& request) {
  return *static_cast<const ContentGrant*>(request.grant().get());
}

std::vector<Description::Parameter> link_parameters() {
  return {{"expires", "When the link ends, in ms", whole_number_schema()},
          {"signature", "What makes it ours"}};
}

Error unavailable() { return {ErrorCode::unavailable, "Service unavailable"}; }

}  // namespace

void ContentRoute::add_to(Routes& routes) {
  const std::string path = fmt::format("/file/{{{}}}/content", ContentLinks::id_parameter);
  for (const std::string_view prefix : route_prefixes) {
    routes.router().add({.methods = {Method::get},
                         .pattern = std::string{prefix} + path,
                         .handle = [this](Request& request) { return send(request); },
                         .admit =
                             [this](const RequestHead& request) {
                               return std::optional{admit(request, ContentGrant::Use::read)};
                             }});
    routes.router().add({.methods = {Method::put},
                         .pattern = std::string{prefix} + path,
                         .body_limit = contents_.limit(),
                         .handle = [this](Request& request) { return receive(request); },
                         .admit =
                             [this](const RequestHead& request) {
                               return std::optional{admit(request, ContentGrant::Use::write)};
                             }});
  }
  describe(routes, path);
}

void ContentRoute::describe(Routes& routes, const std::string& path) {
  const std::vector<int> errors{401, 403, 404, 500, 503};
  const Schema bytes{"", described(text_schema(), "The bytes.")};
  routes.list(Method::get, path, Routes::Access::anyone)
      .describe({.summary = "Reads a content by a link",
                 .gives = bytes,
                 .form = Description::Form::bytes,
                 .query = link_parameters(),
                 .about = "The whole URL is made by the file's download.",
                 .errors = errors,
                 .replies = {{204, "There is no content any more", {}}},
                 .media = "*/*",
                 .id = "file.content.read"});
  std::vector<Description::Parameter> parameters = link_parameters();
  parameters.push_back({"size", "The bytes that were announced", whole_number_schema()});
  parameters.push_back({"type", "Their content type"});
  parameters.push_back({"token", "The id of the token that the link was made for"});
  routes.list(Method::put, path, Routes::Access::anyone)
      .describe({.summary = "Writes a content by a link",
                 .takes = bytes,
                 .gives = {"", object_schema({})},
                 .query = std::move(parameters),
                 .about = "The whole URL is made by the file's upload.",
                 .errors = {401, 403, 404, 408, 413, 500, 503},
                 .takes_media = "*/*",
                 .id = "file.content.write"});
}

Response ContentRoute::refuse(const Error& error) const {
  return error_reply(error, new_request_id(random_));
}

// Before the body: a stranger's is not worth reading.
Admission ContentRoute::admit(const RequestHead& request, ContentGrant::Use use) const {
  auto grant = links_.grant_of(request, use);
  if (grant) return {.grant = std::make_shared<const ContentGrant>(std::move(*grant))};
  return {.refusal = refuse({ErrorCode::unauthenticated, "this link is not valid, or has expired",
                             "ask the file's upload or download for a new one"})};
}

// A link outlives neither its file nor its account's permission.
Task<Result<void>> ContentRoute::check_account(FileId id) {
  co_return co_await store_.read([&](const Transaction& rows) -> Result<void> {
    const std::optional<File> file = rows.files().find(id);
    if (!file) return not_found("File");
    const std::optional<Account> account = rows.accounts().find(file->account);
    if (account && account->state == AccountState::enabled) return {};
    return fail(ErrorCode::forbidden, "The account is disabled");
  });
}

// Logged as done by the token that the link was made for.
Task<Result<void>> ContentRoute::keep(const ContentGrant* grant, std::string_view bytes,
                                      std::string request_id) {
  if (bytes.size() != grant->size) {
    co_return fail(ErrorCode::invalid,
                   fmt::format("{} bytes were announced, but {} came", grant->size, bytes.size()));
  }
  const Result<void> permitted = co_await check_account(grant->file);
  if (!permitted) co_return permitted;
  const TimePoint now = clock_.now();
  const auto log = [&](Transaction& rows, const File& file) {
    const LogAuthor author{file.account, grant->token_id, request_id};
    log_change(rows, author, file, "update", now, {.fields = {"content"}});
  };
  co_return co_await contents_.keep(grant->file, bytes, grant->type, log);
}

Task<Response> ContentRoute::receive(Request request) {
  const std::string request_id = new_request_id(random_);
  try {
    const Result<void> kept = co_await keep(&granted(request), request.body, request_id);
    if (!kept) co_return error_reply(kept.error(), request_id);
    Response response{.body = "{}"};
    response.headers.add("x-request-id", request_id);
    co_return response;
  } catch (const StoreUnavailable&) {
    co_return refuse(unavailable());
  }
}

Task<Response> ContentRoute::send(Request request) {
  try {
    const Result<void> permitted = co_await check_account(granted(request).file);
    if (!permitted) co_return refuse(permitted.error());
    Result<Response> content = co_await contents_.reply(granted(request).file);
    co_return content ? std::move(*content) : refuse(content.error());
  } catch (const StoreUnavailable&) {
    co_return refuse(unavailable());
  }
}

}  // namespace bellpull
