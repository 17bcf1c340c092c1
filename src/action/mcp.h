// mcp: one tool of a server that the operator declared (docs/operate/mcp.md).
//
// The instruction names server and tool; where it gives no arguments for the tool, the ability's
// own are passed on. With a `fingerprint` the tool is called only as long as it is what was
// approved.
#pragma once

#include "action/action.h"
#include "action/shape.h"
#include "base/task.h"
#include "mcp/mcp_servers.h"

namespace bellpull {

class McpAction final : public Action {
 public:
  explicit McpAction(McpServers& servers) : servers_(servers) {}

  const ActionShape& shape() const override;
  bool is_idempotent(const ActionRequest& request) const override;
  Task<ActionOutcome> execute(ActionRequest request) override;

 private:
  McpServers& servers_;
};

}  // namespace bellpull
