// One conversation with its messages as a file, JSON Lines or Markdown, read and sent page by page.
#pragma once

#include <memory>

#include "api/call.h"
#include "api/routes.h"
#include "base/task.h"
#include "http/response.h"
#include "store/store.h"

namespace bellpull {

class ConversationExport {
 public:
  explicit ConversationExport(Store& store);
  void add_routes(Routes& routes);

 private:
  // One export on its way out.
  struct Copy;

  Task<Response> export_one(Call call);
  Task<void> write(BodyWriter writer, std::shared_ptr<Copy> copy);

  Store& store_;
};

}  // namespace bellpull
