// The HTTP API: all its endpoints on one router, and the shape of the replies that no endpoint
// makes.
//
//   Router router;
//   Api api{router, parts, settings};
//   store.listen(api.run_watch());
//   store.listen(api.log_watch());
//   HttpServer server{config, router, api.hooks(), clock, log};
//
// Lifetime: outlives the server. Threads: any; constant after construction.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action/ability_bench.h"
#include "api/key_rules.h"
#include "api/keyed_calls.h"
#include "api/log_watch.h"
#include "api/models.h"
#include "api/remote_content.h"
#include "api/routes.h"
#include "api/run_watch.h"
#include "api/server_address.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "domain/account.h"
#include "http/router.h"
#include "http/service.h"
#include "identity/authenticator.h"
#include "store/store.h"
#include "vault/vault.h"

namespace bellpull {

struct ApiSettings {
  std::size_t body_limit = std::size_t{10} * 1024 * 1024;   // of JSON
  std::size_t event_body_limit = std::size_t{1024} * 1024;  // of an event's body
  TimestampForm timestamps = TimestampForm::iso;
  std::string currency = "USD";      // what prices are in
  std::vector<OfferedModel> models;  // what bots can name
  bool require_bot = true;           // a trigger is created with a bot, or not at all
  // Browser origins that may call the API; "*" is any.
  std::vector<std::string> origins = {"*"};
  KeyRules keys;
  std::size_t file_limit = std::size_t{10} * 1024 * 1024;  // of one content
  ServerAddress address;
  // What system/info tells.
  std::string version = "0";
  std::string store = "sqlite";
};

// What the API works with; each outlives it.
struct ApiParts {
  Store& store;
  Authenticator& authenticator;
  const Vault& vault;
  const Clock& clock;
  Random& random;
  Log& log;
  RemoteContent& remote;
  AbilityBench& bench;
};

class Api {
 public:
  Api(Router& router, const ApiParts& parts, ApiSettings settings);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Errors as JSON, CORS, and a name for every request. `observe` is left to the caller.
  ServerHooks hooks();

  // To be told by the store what was committed, and to be closed before the server stops.
  RunWatch& run_watch() { return run_watch_; }
  LogWatch& log_watch() { return log_watch_; }
  // For more endpoints under the same rules.
  Routes& routes() { return routes_; }
  const Routes& routes() const { return routes_; }

  // Once every endpoint is there: serves a description of all of them, at /openapi.json under each
  // prefix and without one.
  void describe(std::string_view version);

 private:
  struct Resources;

  const ApiSettings settings_;
  KeyedCalls keyed_calls_;
  std::string description_;  // made by describe()
  Routes routes_;
  RunWatch run_watch_;
  LogWatch log_watch_;
  const std::unique_ptr<Resources> resources_;
};

}  // namespace bellpull
