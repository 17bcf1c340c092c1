#include "api/blueprints.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/blueprint_clone.h"
#include "api/blueprint_document.h"
#include "api/blueprint_limits.h"
#include "api/blueprint_members.h"
#include "api/call.h"
#include "api/change.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/field_value.h"
#include "api/log_change.h"
#include "api/media.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/terraform.h"
#include "api/view.h"
#include "base/json.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "http/response.h"
#include "store/removal.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::size_t max_config_bytes = std::size_t{256} * 1024;
// Resources that one commit removes while a request waits for all of them to go.
constexpr std::int64_t removed_at_once = 50;

// An editor's layout: kept as it is given.
Field<Blueprint> config_field() {
  const FieldShape shape{.kind = ValueKind::object};
  return {.name = "config",
          .shape = shape,
          .read = [](const json::value& given) -> Result<Assignment<Blueprint>> {
            if (!given.is_null() && !given.is_object()) {
              return fail(ErrorCode::invalid, "config must be an object");
            }
            std::string text = given.is_null() ? "{}" : json::serialize(given);
            if (text.size() > max_config_bytes) {
              return fail(ErrorCode::invalid,
                          fmt::format("config must be at most {} bytes as JSON", max_config_bytes));
            }
            return [text = std::move(text)](Blueprint& blueprint, const Edit&) -> Result<void> {
              blueprint.config = text;
              return {};
            };
          },
          .write = [](const Blueprint& blueprint,
                      const View&) { return json::value(parse_stored(blueprint.config)); }};
}

struct Removal {
  bool resources = false;
};
Fields<Removal> removal_fields() { return {boolean("deleteResources", &Removal::resources)}; }

Schema resources_schema(std::string name, const json::object& item) {
  json::object properties;
  for (const std::string_view category : member_categories) {
    properties[category] = array_schema(item);
  }
  json::object resources{{"type", "object"}, {"properties", std::move(properties)}};
  return {std::move(name), object_schema({{"id", text_schema()}, {"resources", resources}})};
}

Schema document_schema() {
  Schema schema = resources_schema("BlueprintDocument", {{"type", "object"}});
  add_members(schema.schema,
              object_schema({{"name", text_schema()}, {"description", text_schema()}}));
  return schema;
}

json::object made_schema() {
  return object_schema({{"id", text_schema()}, {"sourceId", or_null(text_schema())}});
}

}  // namespace

Fields<Blueprint> blueprint_fields() {
  return {
      id_field<Blueprint>(),
      alias_field<Blueprint>(),
      text("name", &Blueprint::name, {.max_bytes = max_name_bytes}),
      text("description", &Blueprint::description, {.max_bytes = max_description_bytes}),
      config_field(),
      visibility_field<Blueprint>(),
      meta_field<Blueprint>(),
      timestamp("createdAt", &Blueprint::created_at),
      timestamp("updatedAt", &Blueprint::updated_at),
  };
}

Blueprints::Blueprints(Store& store, const Clock& clock, Random& random, const Vault& vault)
    : Endpoints(store, clock, blueprint_fields(), {.kind = "blueprint", .filters = {}}),
      random_(random),
      vault_(vault),
      member_fields_(member_fields(vault)) {}

void Blueprints::add_routes(Routes& routes) {
  const std::string one = "/blueprint/{blueprintId}";
  add_to(routes, "/blueprint", "blueprintId");
  routes.post(one + "/clone", [this](Call call) { return clone(std::move(call)); })
      .describe({.summary = "Copies a blueprint with all its resources",
                 .gives = resources_schema("BlueprintCloned", made_schema())});
  routes.get(one + "/resource/list", [this](Call call) { return list_resources(std::move(call)); })
      .describe({.summary = "Lists the resources of a blueprint by category",
                 .gives = resources_schema("BlueprintResources", {{"type", "object"}})});
  routes
      .get(one + "/resource/export",
           [this](Call call) { return export_resources(std::move(call)); })
      .describe({.summary = "Exports a blueprint as one document, or as Terraform configuration "
                            "(Accept: application/terraform+hcl)",
                 .gives = document_schema(),
                 .media = "application/terraform+hcl"});
  routes
      .post(one + "/resource/import",
            [this](Call call) { return import_resources(std::move(call)); })
      .describe({.summary = "Adds the resources of an exported document to a blueprint",
                 .takes = {"BlueprintImport",
                           {{"type", "object"},
                            {"properties",
                             json::object{{"resource", described(open_object_schema(),
                                                                 "An exported document.")}}},
                            {"required", json::array{"resource"}}}},
                 .gives = resources_schema("BlueprintImported", made_schema())});
}

Schema Blueprints::removal_schema() const {
  return body_schema("BlueprintDelete", removal_fields(), Verb::create);
}

// The blueprint goes first, with a job for its resources, so that a crash leaves nothing half
// done. The same is done here, in short commits: whoever is told that they are gone sees none.
Task<Response> Blueprints::remove(Call call) {
  const auto removal = read_body(removal_fields(), call.body);
  if (!removal) co_return call.reply(removal.error());
  const TimePoint now = clock_.now();
  const Result<Blueprint> removed =
      co_await store_.transact([&](Transaction& rows) -> Result<Blueprint> {
        Result<Blueprint> found = find(rows, call);
        if (!found) return found;
        log_change(rows, call, *found, "delete", now);
        rows.blueprints().remove(found->id.key);
        if (removal->resources) {
          rows.start_job(found->account, JobKind::remove_members, found->id.key.value);
        }
        return found;
      });
  if (!removed) co_return call.reply(removed.error());

  bool more = removal->resources;
  while (more) {
    const Result<bool> left = co_await store_.transact([&](Transaction& rows) -> Result<bool> {
      return remove_members(rows, removed->account, removed->id.key, removed_at_once, now);
    });
    more = left.value();
  }
  co_return call.reply(id_of(*removed));
}

Task<Response> Blueprints::clone(Call call) {
  Result<Whole> source = co_await read_whole(call, max_new_members);
  if (!source) co_return call.reply(source.error());
  auto copy =
      bellpull::copy_of(source->blueprint, std::move(source->members), vault_, clock_.now());
  if (!copy) co_return call.reply(copy.error());
  BlueprintCopy kept;
  const Result<json::object> resources = co_await store_.transact([&](Transaction& rows) {
    kept = *copy;  // the work may be run again
    return keep_copy(rows, call, kept, random_, vault_);
  });
  if (!resources) co_return call.reply(resources.error());
  const json::object reply{{"id", kept.blueprint.id.text()}, {"resources", *resources}};
  co_return call.reply(reply);
}

Task<Response> Blueprints::list_resources(Call call) {
  const Result<Blueprint> found =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!found) co_return call.reply(found.error());
  MemberSummaries summaries{member_fields_, found->account, found->id.key, call.view};
  bool more = true;
  while (more) {
    more = co_await store_.read([&](const Transaction& rows) { return summaries.read_some(rows); },
                                ReadKind::list);
    const bool is_too_large = summaries.bytes() > max_listed_bytes;
    if (!is_too_large && summaries.count() <= max_listed_members) continue;
    const std::string limit = is_too_large
                                  ? fmt::format("{} MiB of resources", max_listed_bytes >> 20U)
                                  : fmt::format("{} resources", max_listed_members);
    const Error refused{
        ErrorCode::invalid, "The blueprint has more than " + limit,
        "list each kind by itself, such as bot/list?blueprintId=" + found->id.text()};
    co_return call.reply(refused);
  }
  const json::object reply{{"id", found->id.text()}, {"resources", std::move(summaries).take()}};
  co_return call.reply(reply);
}

Task<Response> Blueprints::export_resources(Call call) {
  const bool is_terraform = names_media(call.request.header("accept"), "application/terraform+hcl");
  const Result<Whole> whole = co_await read_whole(call, max_new_members);
  if (!whole) co_return call.reply(whole.error());
  const json::object document = document_of(member_fields_, whole->blueprint, whole->members);
  Response response = call.reply(document);
  if (is_terraform) {
    response.content_type = "application/terraform+hcl; charset=utf-8";
    response.body = terraform_of(whole->blueprint, document);
  }
  co_return response;
}

Task<Response> Blueprints::import_resources(Call call) {
  const json::value* given = call.body.if_contains("resource");
  const json::value nothing;
  const auto document = read_document(member_fields_, given != nullptr ? *given : nothing);
  if (!document) co_return call.reply(document.error());
  const TimePoint now = clock_.now();
  json::object reply;
  const Result<void> imported = co_await store_.transact([&](Transaction& rows) -> Result<void> {
    const Result<Blueprint> blueprint = find(rows, call);
    if (!blueprint) return std::unexpected(blueprint.error());
    auto resources = keep_document(rows, call, *document, *blueprint, random_, vault_, now);
    if (!resources) return std::unexpected(std::move(resources.error()));
    reply = {{"id", blueprint->id.text()}, {"resources", std::move(*resources)}};
    return {};
  });
  if (!imported) co_return call.reply(imported.error());
  co_return call.reply(reply);
}

Task<Result<Blueprints::Whole>> Blueprints::read_whole(Call call, std::size_t most) {
  co_return co_await store_.read([&](const Transaction& rows) -> Result<Whole> {
    auto blueprint = find(rows, call);
    if (!blueprint) return std::unexpected(std::move(blueprint.error()));
    auto members = read_members(rows, blueprint->account, blueprint->id.key, most);
    if (!members) return std::unexpected(std::move(members.error()));
    return Whole{std::move(*blueprint), std::move(*members)};
  });
}

}  // namespace bellpull
