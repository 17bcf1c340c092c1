#include "api/attachments.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
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
#include "dataset/attaching.h"
#include "domain/bot.h"
#include "domain/dataset.h"
#include "domain/file.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

enum class AttachmentType : std::uint8_t { source };

struct AttachBody {
  AttachmentType type = AttachmentType::source;
};

const Fields<AttachBody>& attach_fields() {
  static const Fields<AttachBody> fields{choice("type", &AttachBody::type, {"source"})};
  return fields;
}

struct DetachBody {
  bool delete_records = false;
};

const Fields<DetachBody>& detach_fields() {
  static const Fields<DetachBody> fields{boolean("deleteRecords", &DetachBody::delete_records)};
  return fields;
}

// An attachment, as the file that it is of.
struct AttachedFile {
  Attachment attachment;
  std::optional<File> file;
};

constexpr std::array<std::string_view, 3> states{"importing", "imported", "failed"};

json::object render_attached(const Attachment& attachment, const File& file, const View& view) {
  const bool has_problem = attachment.state == AttachmentState::failed;
  return {{"id", file.id.text()},
          {"name", file.name},
          {"description", file.description},
          {"visibility", visibility_name(file.visibility)},
          {"meta", parse_stored(file.meta)},
          {"type", "source"},
          {"state", states.at(static_cast<std::size_t>(attachment.state))},
          {"problem", has_problem ? json::value(attachment.problem) : json::value(nullptr)},
          {"records", attachment.records},
          {"createdAt", view.time(file.created_at)},
          {"updatedAt", view.time(file.updated_at)}};
}

Schema attached_schema() {
  return {"DatasetFile", object_schema({{"id", text_schema()},
                                        {"name", text_schema()},
                                        {"description", text_schema()},
                                        {"visibility", text_schema()},
                                        {"meta", open_object_schema()},
                                        {"type", text_schema()},
                                        {"state", choice_schema(states)},
                                        {"problem", or_null(text_schema())},
                                        {"records", whole_number_schema()},
                                        {"createdAt", time_schema()},
                                        {"updatedAt", time_schema()}})};
}

Schema changed_schema() {
  return {"DatasetFileChanged",
          object_schema(
              {{"id", text_schema()}, {"datasetId", text_schema()}, {"type", text_schema()}})};
}

// The attachments' own order, and no filter.
ListRules attached_list() { return {.kind = "attachment", .filters = {}, .has_meta = false}; }

Result<Dataset> dataset_of(const Transaction& rows, const Call& call) {
  return find_own<Dataset>(rows, call.caller.account, call.parameter("datasetId"));
}

Result<File> file_of(const Transaction& rows, const Call& call) {
  return find_own<File>(rows, call.caller.account, call.parameter("fileId"));
}

}  // namespace

void Attachments::add_routes(Routes& routes) {
  const std::string base = "/dataset/{datasetId}/file";
  const std::string one = base + "/{fileId}";
  routes.get(base + "/list", [this](Call call) { return list(std::move(call)); })
      .describe({.summary = "Lists the files that are attached to the dataset, newest first",
                 .gives = attached_schema(),
                 .form = Description::Form::list,
                 .query = list_parameters(attached_list())});
  routes.post(one + "/attach", [this](Call call) { return attach_file(std::move(call)); })
      .describe({.summary = "Attaches a file, and imports its text as records in the background",
                 .takes = body_schema("DatasetFileAttach", attach_fields(), Verb::create),
                 .gives = changed_schema(),
                 .errors = {409}});
  routes.post(one + "/detach", [this](Call call) { return detach_file(std::move(call)); })
      .describe({.summary = "Detaches a file; its records stay unless the body says otherwise",
                 .takes = body_schema("DatasetFileDetach", detach_fields(), Verb::create),
                 .gives = changed_schema()});
  routes.post(one + "/sync", [this](Call call) { return sync_file(std::move(call)); })
      .describe({.summary = "Imports a file's text again, in place of what was imported before",
                 .gives = changed_schema()});
}

Task<Response> Attachments::list(Call call) {
  static const ListRules rules = attached_list();
  Result<ListRequest> request = parse_list(rules, call.request, call.caller.account);
  if (!request) co_return call.reply(request.error());
  const Result<Dataset> dataset =
      co_await store_.read([&](const Transaction& rows) { return dataset_of(rows, call); });
  if (!dataset) co_return call.reply(dataset.error());

  request->query.filters.push_back({.field = "dataset", .any_of = {dataset->id.key.value}});
  ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
    return read_page(query, page, view);
  };
  co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
}

Task<Result<ListPage>> Attachments::read_page(ListQuery query, Page page, View view) {
  const Result<PageRows<AttachedFile>> found =
      co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
        query.page = left;
        PagePart<Attachment> part = rows.attachments().look(query);
        PagePart<AttachedFile> with_files{.passed = part.passed, .bytes = part.bytes};
        for (Attachment& one : part.rows) {
          auto file = rows.files().find(one.file.key);
          with_files.rows.push_back({std::move(one), std::move(file)});
        }
        return with_files;
      });
  if (!found) co_return std::unexpected(found.error());

  ListPage rendered{.is_partial = found->is_cut};
  for (const auto& [attachment, file] : *found) {
    if (file) rendered.items.push_back(render_attached(attachment, *file, view));
  }
  if (!found->empty()) rendered.last = found->back().attachment.id.key.value;
  co_return rendered;
}

Task<Response> Attachments::attach_file(Call call) {
  const Result<AttachBody> body = read_body(attach_fields(), call.body);
  if (!body) co_return call.reply(body.error());
  co_return co_await change(std::move(call), "attach", attach);
}

Task<Response> Attachments::detach_file(Call call) {
  const Result<DetachBody> body = read_body(detach_fields(), call.body);
  if (!body) co_return call.reply(body.error());
  const KeepRecords keep = body->delete_records ? KeepRecords::no : KeepRecords::yes;
  co_return co_await change(
      std::move(call), "detach",
      [keep](Transaction& rows, const Dataset& dataset, const File& file, TimePoint now) {
        return detach(rows, dataset, file, keep, now);
      });
}

Task<Response> Attachments::sync_file(Call call) {
  co_return co_await change(std::move(call), "sync", import_again);
}

Task<Response> Attachments::change(Call call, std::string_view verb, Decide decide) {
  const TimePoint now = clock_.now();
  const auto changed = co_await store_.transact([&](Transaction& rows) -> Result<Attachment> {
    const Result<Dataset> dataset = dataset_of(rows, call);
    if (!dataset) return std::unexpected(dataset.error());
    const Result<File> file = file_of(rows, call);
    if (!file) return std::unexpected(file.error());
    LogItem item{.type = "dataset.file." + std::string{verb},
                 .name = file->name,
                 .about = references_of(*dataset),
                 .created_at = now};
    item.about.file = file->id;
    log_item(rows, call, std::move(item), {});
    return decide(rows, *dataset, *file, now);
  });
  if (!changed) co_return call.reply(changed.error());
  co_return call.reply(json::object{
      {"id", changed->file.text()}, {"datasetId", changed->dataset.text()}, {"type", "source"}});
}

}  // namespace bellpull
