// What a secret is where an instruction names it (api-contract.md 2.14, "Rendering by type").
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "action/block.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/secret.h"

namespace bellpull {

struct RenderedSecret {
  ServerValue value;
  std::vector<std::string> hosts;   // of the configuration's "hosts"
  std::vector<std::string> hidden;  // whatever would give it away: see ResolvedNames
};

// `value` is in the clear. Fails for a type that this server cannot render, and for a value that
// its type does not take.
Result<RenderedSecret> render_secret(SecretType type, const std::string& value,
                                     const boost::json::object& config, TimePoint now);

}  // namespace bellpull
