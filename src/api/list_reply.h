// Answers a list, page by page: one page as JSON, or all of them as a stream of lines
// (api-contract.md 1.12, 1.13).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/list_request.h"
#include "base/result.h"
#include "base/task.h"
#include "http/response.h"
#include "store/list.h"

namespace bellpull {

struct ListPage {
  std::vector<boost::json::object> items;
  std::int64_t last = 0;  // creation number of the last item
  // The time was up, or its bytes were used up, before it had as many items as it may: it goes on
  // after `last`, which need not be an item.
  bool is_partial = false;
};

// Reads one page of a list; it must live as long as the reply, so it owns what it needs.
using ReadPage = std::function<Task<Result<ListPage>>(const Page& page)>;

// The page of a list that is always empty.
Task<Result<ListPage>> no_items();

// A list that is not paged: all of it is the first page.
ReadPage one_page(std::vector<boost::json::object> items);

// The first page is read before the reply begins, so what is wrong with the request is an ordinary
// error. A stream that fails later ends with an `error` line.
Task<Response> list_reply(Call call, ListRequest list, ReadPage read_page);

}  // namespace bellpull
