// The door of links to contents: GET and PUT /v1/file/{fileId}/content, for whoever has a link
// (content_links.h). No token is asked for.
//
// Lifetime: outlives the server. Threads: any; constant after construction.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/content_links.h"
#include "api/file_contents.h"
#include "api/routes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "store/store.h"

namespace bellpull {

class ContentRoute {
 public:
  ContentRoute(Store& store, const Clock& clock, const FileContents& contents,
               const ContentLinks& links, Random& random)
      : store_(store), clock_(clock), contents_(contents), links_(links), random_(random) {}

  void add_to(Routes& routes);

 private:
  static void describe(Routes& routes, const std::string& path);
  Admission admit(const RequestHead& request, ContentGrant::Use use) const;
  Task<Response> receive(Request request);
  Task<Response> send(Request request);
  Task<Result<void>> keep(const ContentGrant* grant, std::string_view bytes,
                          std::string request_id);
  Task<Result<void>> check_account(FileId file);
  Response refuse(const Error& error) const;

  Store& store_;
  const Clock& clock_;
  const FileContents& contents_;
  const ContentLinks& links_;
  Random& random_;
};

}  // namespace bellpull
