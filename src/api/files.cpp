#include "api/files.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/call.h"
#include "api/change.h"
#include "api/content_links.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/file_contents.h"
#include "api/file_fields.h"
#include "api/json_text.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/media.h"
#include "api/remote_content.h"
#include "api/routes.h"
#include "api/schema.h"
#include "api/upload_body.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/attaching.h"
#include "domain/blueprint.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/removal.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Of a body around a content: a form's heads and ends, or base64 in JSON (a third more).
std::size_t with_wrapping(std::size_t bytes) { return bytes + bytes / 2 + std::size_t{64} * 1024; }

ListRules file_list() {
  return {.kind = "file", .filters = {reference_filter<Blueprint>("blueprintId", "blueprint")}};
}

// What is said of a file whose bytes come later.
struct Announced {
  std::optional<std::int64_t> size;
  std::string type;
  std::string name;
};

const Fields<Announced>& announced_fields() {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  static const Fields<Announced> fields{
      optional_integer("file.size", &Announced::size, 0, most).needed(Needed::given),
      text("file.type", &Announced::type),
      text("file.name", &Announced::name),
  };
  return fields;
}

Result<Announced> read_announced(const json::object& given) {
  json::object named;  // as problems call them
  for (const auto& [name, value] : given) named["file." + std::string{name}] = value;
  auto announced = read_body(announced_fields(), named);
  if (announced) announced->type = kept_content_type(announced->type);
  return announced;
}

Schema uploaded_schema() {
  json::object schema = object_schema({{"id", text_schema()}});
  schema["properties"].as_object()["uploadRequest"] = object_schema(
      {{"method", text_schema()}, {"url", text_schema()}, {"headers", open_object_schema()}});
  return {"FileUploaded", std::move(schema)};
}

Schema upload_schema() {
  json::object announced = open_object_schema();
  announced["properties"] = json::object{
      {"size", whole_number_schema()}, {"type", text_schema()}, {"name", text_schema()}};
  announced["required"] = json::array{"size"};
  json::object body = open_object_schema();
  body["properties"] =
      json::object{{"file", described(either_schema({text_schema(), std::move(announced)}),
                                      "A URL, or what will be put to a link.")}};
  body["required"] = json::array{"file"};
  return {"FileUpload", std::move(body)};
}

json::object form_schema() {
  json::object form = open_object_schema();
  form["properties"] = json::object{{"file", text_schema()}};
  return form;
}

}  // namespace

Files::Files(Store& store, const Clock& clock, const FileParts& parts)
    : Endpoints(store, clock, file_fields(), file_list()), parts_(parts) {}

void Files::add_routes(Routes& routes) {
  add_to(routes, "/file", "fileId");
  routes
      .post_bytes("/file/{fileId}/upload", with_wrapping(parts_.contents.limit()),
                  [this](Call call) { return upload(std::move(call)); })
      .describe({.summary = "Uploads the content of a file",
                 .takes = upload_schema(),
                 .gives = uploaded_schema(),
                 .about = "From a URL, as a form with a part `file`, or as the bytes themselves. "
                          "What is only announced gets a link that takes the bytes.",
                 .errors = {429},
                 .takes_too = {{"multipart/form-data", form_schema()}, {"*/*", text_schema()}}});
  routes.get("/file/{fileId}/download", [this](Call call) { return download(std::move(call)); })
      .describe({.summary = "Downloads the content of a file",
                 .gives = {"FileLink", object_schema({{"url", text_schema()}})},
                 .about = "Where JSON is asked for, a link that gives it without a token.",
                 .replies = {{204, "There is no content yet", {}}},
                 .media = "*/*"});
  routes.post("/file/{fileId}/sync", [this](Call call) { return sync(std::move(call)); })
      .describe({.summary = "Imports the content again into the datasets it is attached to",
                 .gives = id_schema()});
}

Result<void> Files::erase(Transaction& rows, const Call& /*call*/, const File& found,
                          TimePoint /*now*/) const {
  remove_whole(rows, found);
  return {};
}

Task<Response> Files::upload(Call call) {
  const Result<File> file =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!file) co_return call.reply(file.error());
  const FileId id = file->id;
  const std::string_view type = call.request.header("content-type");
  if (is_media_type(type, "application/json") || (type.empty() && call.bytes.empty())) {
    co_return co_await upload_told(std::move(call), *file);
  }
  if (is_media_type(type, "multipart/form-data"))
    co_return co_await upload_form(std::move(call), id);
  const Result<void> kept =
      co_await parts_.contents.keep(id, call.bytes, kept_content_type(type), logged(call));
  if (!kept) co_return call.reply(kept.error());
  co_return call.reply(json::object{{"id", id.text()}});
}

// The entry of the event log that goes with a new content. `call` outlives it.
FileContents::Also Files::logged(const Call& call) const {
  return [&call, now = clock_.now()](Transaction& rows, const File& file) {
    log_change(rows, call, file, "update", now, {.fields = {"content"}});
  };
}

// The body says in JSON where the bytes are, or what they will be.
Task<Response> Files::upload_told(Call call, File file) {
  const Result<json::object> body = parse_body(call.bytes);
  if (!body) co_return call.reply(body.error());
  const json::value* given = body->if_contains("file");
  if (given != nullptr && given->is_object()) {
    co_return co_await promise_upload(std::move(call), file.id, given->get_object());
  }
  if (given == nullptr || !given->is_string()) {
    const Error error{ErrorCode::invalid, "file must be a URL, or an object with size and type",
                      "or send the bytes themselves with their content-type"};
    co_return call.reply(error);
  }
  const Result<void> kept =
      co_await upload_from(file, std::string{given->get_string()}, logged(call));
  if (!kept) co_return call.reply(kept.error());
  co_return call.reply(json::object{{"id", file.id.text()}});
}

Task<Result<void>> Files::upload_from(File file, std::string url, FileContents::Also also) {
  if (url.starts_with("data:")) {
    Result<DataUrl> data = read_data_url(url);
    if (!data) co_return std::unexpected(std::move(data.error()));
    co_return co_await parts_.contents.keep(file.id, data->bytes, std::move(data->type),
                                            std::move(also));
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    co_return fail(ErrorCode::invalid, "file must be an http:, https: or data: URL");
  }
  const auto place = places_.take(file.account);
  if (!place) {
    co_return fail(ErrorCode::too_many_requests, "Too many contents are being fetched from URLs",
                   "try again when one of them is there, or send the bytes themselves");
  }
  Result<RemoteContent::Fetched> fetched =
      co_await parts_.remote.fetch(std::move(url), parts_.contents.limit());
  if (!fetched) co_return std::unexpected(std::move(fetched.error()));
  co_return co_await parts_.contents.keep(file.id, fetched->bytes, kept_content_type(fetched->type),
                                          std::move(also));
}

Task<Response> Files::upload_form(Call call, FileId file) {
  const Result<FormFile> form = read_form_file(call.request.header("content-type"), call.bytes);
  if (!form) co_return call.reply(form.error());
  const Result<void> kept =
      co_await parts_.contents.keep(file, form->bytes, form->type, logged(call));
  if (!kept) co_return call.reply(kept.error());
  co_await name_if_nameless(call, file, form->name);
  co_return call.reply(json::object{{"id", file.text()}});
}

// The bytes will come to a link of their own.
Task<Response> Files::promise_upload(Call call, FileId file, json::object given) {
  const Result<Announced> announced = read_announced(given);
  if (!announced) co_return call.reply(announced.error());
  const auto size = static_cast<std::size_t>(announced->size.value_or(0));
  const Result<void> fits = parts_.contents.check_size(size);
  if (!fits) co_return call.reply(fits.error());
  co_await name_if_nameless(call, file, announced->name);
  const LogAuthor author =
      co_await store_.read([&](const Transaction& rows) { return author_of(rows, call); });

  const std::string path = parts_.links.path_for({.use = ContentGrant::Use::write,
                                                  .file = file,
                                                  .size = size,
                                                  .type = announced->type,
                                                  .token_id = author.token_id});
  const json::object request{{"method", "PUT"},
                             {"url", parts_.address.url_for(call.request) + path},
                             {"headers", {{"content-type", announced->type}}}};
  co_return call.reply(json::object{{"id", file.text()}, {"uploadRequest", request}});
}

// A file that was created without a name gets that of what is uploaded.
Task<void> Files::name_if_nameless(Call call, FileId file, std::string name) {
  if (name.empty() || name.size() > max_name_bytes || !is_utf8(name)) co_return;
  const TimePoint now = clock_.now();
  co_await store_.transact([&](Transaction& rows) -> Result<void> {
    std::optional<File> found = rows.files().find(file);
    if (!found || !found->name.empty()) return {};
    found->name = name;
    log_change(rows, call, *found, "update", now, {.fields = {"name"}});
    return rows.files().update(*found);
  });
}

Task<Response> Files::download(Call call) {
  const Result<File> file =
      co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
  if (!file) co_return call.reply(file.error());
  // Not the bytes are wanted, but a place to get them from.
  if (file->content && names_media(call.request.header("accept"), "application/json")) {
    const std::string path = parts_.links.path_for({.file = file->id});
    co_return call.reply(json::object{{"url", parts_.address.url_for(call.request) + path}});
  }
  Result<Response> content = co_await parts_.contents.reply(file->id);
  if (!content) co_return call.reply(content.error());
  content->headers.add("x-request-id", call.request_id);
  co_return std::move(*content);
}

Task<Response> Files::sync(Call call) {
  const TimePoint now = clock_.now();
  const Result<File> synced = co_await store_.transact([&](Transaction& rows) -> Result<File> {
    Result<File> file = find(rows, call);
    if (!file) return file;
    const Result<void> asked = import_everywhere(rows, *file, now);
    if (!asked) return std::unexpected(asked.error());
    log_change(rows, call, *file, "sync", now);
    return file;
  });
  if (!synced) co_return call.reply(synced.error());
  co_return call.reply(id_of(*synced));
}

}  // namespace bellpull
