// The models that bots can name (api-contract.md 2.20). The list is the operator's: this server
// asks no provider what it has.
#pragma once

#include <string>
#include <vector>

#include "api/call.h"
#include "api/routes.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"

namespace bellpull {

struct OfferedModel {
  std::string name;  // as bots name it
  std::string description;
  std::string provider;
  bool is_default = false;  // of bots that name none
};

class Models {
 public:
  Models(std::vector<OfferedModel> models, const Clock& clock);
  void add_routes(Routes& routes);

 private:
  Task<Response> list(Call call);

  const std::vector<OfferedModel> models_;
  const TimePoint started_at_;
};

}  // namespace bellpull
