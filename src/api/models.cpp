#include "api/models.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/field_value.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/query.h"
#include "http/response.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 4> type_names{"language", "image", "video", "rerank"};

// "gpt" of "gpt-4o", "builtin" of "builtin/demo".
std::string family_of(std::string_view name) {
  return std::string{name.substr(0, name.find_first_of("/-:."))};
}

json::object item_of(const OfferedModel& model, const json::value& since) {
  return {{"id", model.name},
          {"name", model.name},
          {"description", model.description},
          {"type", "language"},
          {"provider", model.provider},
          {"family", family_of(model.name)},
          {"default", model.is_default},
          // Known to the provider only.
          {"maxTokens", nullptr},
          {"maxInputTokens", nullptr},
          {"maxOutputTokens", nullptr},
          {"meta", json::object{}},
          {"createdAt", since},
          {"updatedAt", since}};
}

json::object model_schema() {
  const json::object limit = or_null(whole_number_schema());
  return object_schema({{"id", text_schema()},
                        {"name", text_schema()},
                        {"description", text_schema()},
                        {"type", text_schema()},
                        {"provider", text_schema()},
                        {"family", text_schema()},
                        {"default", boolean_schema()},
                        {"maxTokens", limit},
                        {"maxInputTokens", limit},
                        {"maxOutputTokens", limit},
                        {"meta", {{"type", "object"}}},
                        {"createdAt", time_schema()},
                        {"updatedAt", time_schema()}});
}

}  // namespace

Models::Models(std::vector<OfferedModel> models, const Clock& clock)
    : models_(std::move(models)), started_at_(clock.now()) {}

void Models::add_routes(Routes& routes) {
  routes.get("/platform/model/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "The models that bots can name, all on one page",
                 .gives = {"Model", model_schema()},
                 .form = Description::Form::list,
                 .query = {{"type", "Only those of this type: language, image, video or rerank",
                            text_schema()}}});
}

Task<Response> Models::list(Call call) {
  Problems problems;
  ListRequest request =
      read_list({.kind = "model", .has_meta = false}, call.request, call.caller.account, problems);
  const Query query{call.request.query()};
  const std::string_view text = trimmed(query.find("type").value_or(""));
  const Result<std::size_t> type =
      find_choice("type", type_names, text.empty() ? "language" : text);
  if (!type) problems.add(type.error());
  if (!problems.empty()) co_return call.reply(problems.error());

  std::vector<json::object> items;
  for (const OfferedModel& model : models_) {
    // There are no others than language models yet.
    if (*type == 0) items.push_back(item_of(model, call.view.time(started_at_)));
  }
  co_return co_await list_reply(std::move(call), std::move(request), one_page(std::move(items)));
}

}  // namespace bellpull
