#include "api/openapi_families.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/routes.h"

namespace bellpull {

namespace json = boost::json;

namespace {

struct Family {
  std::string_view name;
  std::string_view about;
};

// In the order in which a newcomer meets them.
constexpr std::array families{
    Family{"trigger", "Standing reasons to start a bot: where events are sent, and schedules."},
    Family{"event", "Events as they were kept, with what became of them."},
    Family{"job", "Actions on many events, in the background."},
    Family{"run", "The one execution that an event causes, and the steps of it."},
    Family{"approval", "Questions that runs ask people, and wait for: yes or no."},
    Family{"bot", "Who answers: instructions, a model and skillsets."},
    Family{"skillset", "Named sets of abilities: what a bot can do."},
    Family{"conversation", "The ordered record that people read, with its messages."},
    Family{"contact", "The person or system on the other side."},
    Family{"dataset", "Records that a bot may look up."},
    Family{"file", "Files, and their content."},
    Family{"secret", "What actions authenticate with; never shown again."},
    Family{"blueprint", "Sets of resources that are created and changed together."},
    Family{"token", "API tokens of the caller's own account."},
    Family{"account", "Accounts of the server, for tokens with the scope admin."},
    Family{"usage", "What was used, and when."},
    Family{"platform", "What the server has on offer."},
    Family{"task", "Things to do later."},
    Family{"channel", "Messages between a running bot and its client."},
    Family{"partner", "Child accounts."},
    Family{"graphql", "The same resources as a graph."},
    Family{"server", "The server itself: health, figures, this description. No token is needed."},
};

}  // namespace

std::string family_of(const Routes::Endpoint& endpoint) {
  if (!endpoint.has_prefix) return "server";
  constexpr std::string_view integration = "/integration/";
  std::string_view path = endpoint.path;
  path.remove_prefix(path.starts_with(integration) ? integration.size() : 1);
  const std::string family{path.substr(0, path.find('/'))};
  if (family == "step") return "run";
  if (family == "system") return "platform";
  return family == "Attachment" ? "conversation" : family;  // a client's name for one of those
}

bool is_known_family(const std::string& family) {
  return std::ranges::find(families, family, &Family::name) != families.end();
}

json::array tags_of(const std::set<std::string>& used) {
  json::array tags;
  for (const Family& family : families) {
    if (!used.contains(std::string{family.name})) continue;
    tags.emplace_back(json::object{{"name", family.name}, {"description", family.about}});
  }
  for (const std::string& family : used) {
    if (is_known_family(family)) continue;
    tags.emplace_back(json::object{{"name", family}, {"description", "Everything of " + family}});
  }
  return tags;
}

}  // namespace bellpull
