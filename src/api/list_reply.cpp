#include "api/list_reply.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/cursor.h"
#include "api/list_lines.h"
#include "api/list_request.h"
#include "api/media.h"
#include "base/result.h"
#include "base/task.h"
#include "http/response.h"
#include "identity/permit.h"
#include "store/list.h"
#include "store/store.h"

namespace bellpull {

namespace {

// A list on its way out as a stream of lines.
struct Stream {
  ListForm form;
  Page page;
  std::optional<std::int64_t> left;  // items until the end that was asked for
  bool has_head = false;
  ReadPage read_page;
  Permit permit;
  ListPage current;
  std::size_t written = 0;  // of the items of `current`
};

Response json_reply(const Call& call, const ListRequest& list, ListPage page) {
  boost::json::object body;
  boost::json::array items;
  items.reserve(page.items.size());
  for (boost::json::object& item : page.items) items.emplace_back(std::move(item));
  const bool is_empty = items.empty() && !page.is_partial;
  body.emplace("items", std::move(items));
  if (page.is_partial) body.emplace("partial", true);
  // No cursor on an empty page, not even "": a client that sends it back would start again.
  if (!is_empty) body.emplace("cursor", to_cursor(list.kind, page.last));
  return call.reply(body);
}

// The next lines of the current page: a piece of them, for escaping can make a page many times as
// large. What was written is let go of. Empty at the page's end.
std::string next_piece(Stream& stream) {
  std::string text;
  std::vector<boost::json::object>& items = stream.current.items;
  if (!stream.has_head && !items.empty()) {
    text = list_head(stream.form, items.front());
    stream.has_head = true;
  }
  while (stream.written < items.size() && text.size() < max_page_bytes) {
    boost::json::object& item = items[stream.written++];
    text += list_line(stream.form, item);
    item = {};
  }
  return text;
}

bool is_last_page(const Stream& stream) {
  const bool is_short = !stream.current.is_partial &&
                        static_cast<std::int64_t>(stream.current.items.size()) < stream.page.take;
  return is_short || stream.left.value_or(1) <= 0;
}

// Reads the next page into `current`. What the store throws becomes the error of the last line.
Task<Result<void>> read_next(std::shared_ptr<Stream> stream) {
  stream->page.after = stream->current.last;
  stream->page.take = std::min(stream->page.take, stream->left.value_or(max_page));
  try {
    Result<ListPage> next = co_await stream->read_page(stream->page);
    if (!next) co_return std::unexpected(std::move(next.error()));
    Result<void> permitted = co_await stream->permit.check();
    if (!permitted) co_return permitted;
    stream->current = std::move(*next);
    stream->written = 0;
  } catch (const StoreUnavailable&) {
    co_return fail(ErrorCode::unavailable, "Service unavailable");
  }
  co_return Result<void>{};
}

Task<void> write_stream(BodyWriter writer, std::shared_ptr<Stream> stream) {
  if (stream->current.items.empty() && !stream->current.is_partial) {
    co_await writer.start();
    co_return;
  }
  while (true) {
    std::string text = next_piece(*stream);
    // A search that found nothing for a page's time: only a line shows whether the client is there.
    if (text.empty() && stream->current.is_partial) text = list_nop(stream->form);
    while (!text.empty()) {
      // Awaited into a variable first: g++ 12 misplaces a coroutine's frame otherwise.
      const bool there = co_await writer.write(text);
      if (!there) co_return;
      text = next_piece(*stream);
    }
    if (auto& left = stream->left) *left -= static_cast<std::int64_t>(stream->current.items.size());
    if (is_last_page(*stream)) co_return;
    const Result<void> read = co_await read_next(stream);
    if (!read) {
      const std::string last = list_failure(stream->form, read.error());
      // A CSV has no line for it: the connection is cut, so that half a file is not taken for one.
      if (last.empty()) throw StoreUnavailable(read.error().message);
      co_await writer.write(last);
      co_return;
    }
  }
}

Response stream_reply(const Call& call, const ListRequest& list, ReadPage read_page,
                      ListPage first_page) {
  // Shared: the reply that holds it may be copied before it is sent.
  const auto stream = std::make_shared<Stream>(Stream{.form = list.form,
                                                      .page = list.query.page,
                                                      .left = list.at_most,
                                                      .read_page = std::move(read_page),
                                                      .permit = call.permit,
                                                      .current = std::move(first_page)});
  Response response{.content_type = content_type_of(list.form)};
  response.headers.add("x-request-id", call.request_id);
  response.headers.add("cache-control", "no-cache, no-transform");
  response.headers.add("x-accel-buffering", "no");
  response.stream = [stream](BodyWriter& writer) { return write_stream(writer, stream); };
  return response;
}

}  // namespace

Task<Result<ListPage>> no_items() { co_return ListPage{}; }

namespace {

Task<Result<ListPage>> page_of(std::vector<boost::json::object> items, std::int64_t after) {
  ListPage page;
  if (after == 0 && !items.empty()) page = {.items = std::move(items), .last = 1};
  co_return page;
}

}  // namespace

ReadPage one_page(std::vector<boost::json::object> items) {
  return [items = std::move(items)](const Page& page) { return page_of(items, page.after); };
}

Task<Response> list_reply(Call call, ListRequest list, ReadPage read_page) {
  Result<ListPage> page = co_await read_page(list.query.page);
  if (!page) co_return call.reply(page.error());
  if (list.form == ListForm::json) co_return json_reply(call, list, std::move(*page));
  co_return stream_reply(call, list, std::move(read_page), std::move(*page));
}

}  // namespace bellpull
