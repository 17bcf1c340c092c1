// Files: named contents that datasets and abilities refer to (api-contract.md 2.15).
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/content_links.h"
#include "api/endpoints.h"
#include "api/fetch_places.h"
#include "api/file_contents.h"
#include "api/remote_content.h"
#include "api/routes.h"
#include "api/server_address.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/file.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

// What files work with beside the store; each outlives them.
struct FileParts {
  const FileContents& contents;
  const ContentLinks& links;
  RemoteContent& remote;
  const ServerAddress& address;
};

class Files final : public Endpoints<File> {
 public:
  Files(Store& store, const Clock& clock, const FileParts& parts);
  void add_routes(Routes& routes);

 private:
  Result<void> erase(Transaction& rows, const Call& call, const File& found,
                     TimePoint now) const override;

  Task<Response> upload(Call call);
  Task<Response> upload_told(Call call, File file);
  Task<Response> upload_form(Call call, FileId file);
  Task<Response> promise_upload(Call call, FileId file, boost::json::object announced);
  Task<Result<void>> upload_from(File file, std::string url, FileContents::Also also);
  FileContents::Also logged(const Call& call) const;
  Task<void> name_if_nameless(Call call, FileId file, std::string name);
  Task<Response> download(Call call);
  Task<Response> sync(Call call);

  const FileParts parts_;
  FetchPlaces places_;
};

}  // namespace bellpull
