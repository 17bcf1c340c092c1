#include "api/not_built.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "api/call.h"
#include "api/openapi.h"
#include "api/routes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/response.h"

namespace bellpull {

namespace {

constexpr std::array reads{
    "/task/list",
    "/task/export",
    "/task/{taskId}/fetch",
    "/task/{taskId}/execution/list",
    "/partner/user/list",
    "/partner/user/{userId}/fetch",
    "/partner/user/{userId}/token/list",
    "/conversation/{conversationId}/attachment/list",
};

constexpr std::array writes{
    "/bot/{botId}/upvote",
    "/bot/{botId}/downvote",
    "/bot/{botId}/session/create",
    "/conversation/complete",
    "/conversation/dispatch",
    "/conversation/{conversationId}/complete",
    "/conversation/{conversationId}/dispatch",
    "/conversation/{conversationId}/send",
    "/conversation/{conversationId}/receive",
    "/conversation/{conversationId}/upvote",
    "/conversation/{conversationId}/downvote",
    "/conversation/{conversationId}/compact",
    "/conversation/{conversationId}/session/create",
    "/conversation/{conversationId}/attachment/upload",
    "/Attachment/{conversationId}/upload",  // what an SDK sends for the one above
    "/conversation/{conversationId}/message/{messageId}/upvote",
    "/conversation/{conversationId}/message/{messageId}/downvote",
    "/conversation/{conversationId}/message/{messageId}/synthesize",
    "/channel/{channelId}/publish",
    "/channel/{channelId}/subscribe",
    "/task/create",
    "/task/{taskId}/update",
    "/task/{taskId}/delete",
    "/task/{taskId}/trigger",
    "/task/{taskId}/cancel",
    "/task/{taskId}/subscribe",
    "/task/{taskId}/execution/{taskExecutionId}/cancel",
    "/partner/user/create",
    "/partner/user/{userId}/update",
    "/partner/user/{userId}/delete",
    "/partner/user/{userId}/token/create",
    "/partner/user/{userId}/token/{tokenId}/update",
    "/partner/user/{userId}/token/{tokenId}/delete",
};

// Whole families: what is below them does not matter.
constexpr std::array families{"/integration/widget",
                              "/integration/slack",
                              "/integration/discord",
                              "/integration/teams",
                              "/integration/microsoftteams",
                              "/integration/googlechat",
                              "/integration/whatsapp",
                              "/integration/messenger",
                              "/integration/instagram",
                              "/integration/telegram",
                              "/integration/twilio",
                              "/integration/email",
                              "/integration/support",
                              "/integration/extract",
                              "/integration/sitemap",
                              "/integration/notion",
                              "/integration/mcpserver",
                              "/integration/skillserver",
                              "/portal",
                              "/space",
                              "/memory",
                              "/rating",
                              "/blueprint/{blueprintId}/bulletin",
                              "/policy",
                              "/magic",
                              "/team",
                              "/platform/ability",
                              "/platform/action",
                              "/platform/secret",
                              "/platform/doc",
                              "/platform/manual",
                              "/platform/tutorial",
                              "/platform/guide",
                              "/platform/example",
                              "/platform/report"};

// Why, and what there is instead, by a part of the path; the first that fits.
struct Reason {
  std::string_view part;
  std::string_view hint;
};
constexpr std::array reasons{
    Reason{"vote", "votes are not kept"},
    Reason{"ttachment", "there are no attachments: keep a file in a dataset"},
    Reason{"/synthesize", "there is no speech"},
    Reason{"/bulletin", "there are no message boards"},
    Reason{"/conversation", "nobody chats with a bot here: send an event to a trigger"},
    Reason{"/session", "nobody chats with a bot here: send an event to a trigger"},
    Reason{"/channel", "nothing is streamed to a person: see event/log/subscribe"},
    Reason{"/task", "use a trigger with a schedule"},
    Reason{"/partner", "there are no child accounts: see account/create and token/create"},
    Reason{"/graphql", "the same is there as REST, and a blueprint's export as Terraform"},
    Reason{"/integration",
           "of the integrations there are triggers only: integration/trigger/create"},
    Reason{"", "docs/api/compatibility.md says what there is"},
};

std::string_view reason_of(std::string_view path) {
  return std::ranges::find_if(
             reasons,
             [&](const Reason& one) { return path.find(one.part) != std::string_view::npos; })
      ->hint;
}

Task<Response> answer(Call call, std::string_view hint) {
  const Error error{ErrorCode::not_implemented, "Not implemented", std::string{hint}};
  co_return call.reply(error);
}

// A plain function that returns the coroutine.
Routes::Handle not_built(std::string_view path) {
  return [hint = reason_of(path)](Call call) { return answer(std::move(call), hint); };
}

}  // namespace

void add_routes_not_built(Routes& routes) {
  const auto mark = [](Routes::Endpoint& endpoint) {
    endpoint.is_built = false;
    // They share the name with the call that keeps a conversation.
    const bool keeps_nothing =
        endpoint.path == "/conversation/complete" || endpoint.path == "/conversation/dispatch";
    if (keeps_nothing) endpoint.about.id = operation_id(endpoint) + ".once";
  };
  for (const std::string_view path : reads) mark(routes.get(std::string{path}, not_built(path)));
  for (const std::string_view path : writes) mark(routes.post(std::string{path}, not_built(path)));
  // Terraform knows it without a prefix.
  mark(routes.post_everywhere("/graphql", not_built("/graphql")));
  for (const std::string_view family : families) {
    mark(routes.get(std::string{family} + "/{rest*}", not_built(family)));
    mark(routes.post(std::string{family} + "/{rest*}", not_built(family)));
  }
}

}  // namespace bellpull
