// The route table: every endpoint is added once, under both prefixes, and reaches its handler only
// with a caller who may call it and a body that is a JSON object.
//
// What handlers throw ends here: 503 when the store is unavailable, else logged whole and a 500.
//
// Lifetime: outlives the server that uses its router. Threads: add before the server starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/keyed_calls.h"
#include "api/schema.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/account.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "identity/authenticator.h"
#include "identity/caller.h"

namespace bellpull {

// "/v1/..." is the public form, "/api/v1/..." the one that SDKs use; both are the same API.
inline constexpr std::string_view route_prefixes[] = {"/api/v1", "/v1"};

// "secrets:read"
std::string_view scope_name(Scope scope);

// A name for one request, in its reply and in the log.
std::string new_request_id(Random& random);

// Where an Idempotency-Key counts. Elsewhere a repeat changes nothing that it should not, and the
// header is ignored.
inline bool takes_key(std::string_view path) {
  return path.ends_with("/create") || path.ends_with("/invoke");
}

struct RouteSettings {
  std::size_t body_limit = std::size_t{10} * 1024 * 1024;
  // For callers who say nothing about it.
  TimestampForm timestamps = TimestampForm::iso;
};

// What the API's description says of one endpoint.
struct Description {
  // An engine answers with an object, or with the events that lead to it (api-contract.md 1.14).
  enum class Form : std::uint8_t { object, list, bytes, lines, engine };
  struct Parameter {
    std::string name;
    std::string about;
    boost::json::object schema = text_schema();
  };
  // A reply of another status than 200 that is no error.
  struct Reply {
    int status = 0;
    std::string about;
    Schema gives;  // none: it has no body
  };

  std::string summary;  // "Creates a bot"
  Schema takes;         // the body; none: an empty object
  Schema gives;         // the reply, or an item of the list
  Form form = Form::object;
  std::vector<Parameter> query;
  // More than the summary says, in whole sentences.
  std::string about;
  // Statuses of errors beside those that follow from the rest (openapi_operation.cpp).
  std::vector<int> errors;
  std::vector<Reply> replies;
  std::string takes_media;  // of the body; empty: JSON
  // Other forms of the body, by their media.
  std::vector<std::pair<std::string, boost::json::object>> takes_too;
  // Of bytes; of an object, a second form of the reply.
  std::string media;
  // What clients call it, where the path makes no name of its own: "conversation.completeIn".
  std::string id;
};

class Routes {
 public:
  // A plain function that returns a Task, not a capturing coroutine lambda.
  using Handle = std::function<Task<Response>(Call call)>;

  // Whom an endpoint answers.
  enum class Access : std::uint8_t { token, trigger_secret, anyone };

  // One endpoint, as the API's description lists it.
  struct Endpoint {
    Method method = Method::get;
    std::string path;  // without prefix: "/bot/{botId}/fetch"
    Scope scope = Scope::read;
    Handle handle;
    Description about;
    Access access = Access::token;
    bool has_prefix = true;
    bool is_built = true;              // else it answers 501
    std::optional<std::size_t> bytes;  // it takes any body, up to this size

    void describe(Description description) { about = std::move(description); }
  };

  Routes(Router& router, Authenticator& authenticator, KeyedCalls& keyed_calls, Random& random,
         Log& log, RouteSettings settings);

  // Each is to be described: `routes.get(path, handle).describe({...})`.
  Endpoint& get(std::string path, Handle handle);
  Endpoint& post(std::string path, Handle handle);
  // For a handler that reads the body itself, whatever it is: Call::bytes.
  Endpoint& post_bytes(std::string path, std::size_t limit, Handle handle);
  // Without a prefix too.
  Endpoint& post_everywhere(std::string path, Handle handle);
  // For tokens with a scope of its own.
  Endpoint& add(Method method, std::string path, Scope scope, Handle handle);

  // One that is served by a route of its own, and only listed here.
  Endpoint& list(Method method, std::string path, Access access);

  const std::deque<Endpoint>& endpoints() const { return endpoints_; }
  Router& router() { return router_; }

  std::string new_request_id() { return bellpull::new_request_id(random_); }

 private:
  Endpoint& add(Endpoint endpoint);
  void add_route(std::string pattern, const Endpoint& endpoint);
  std::optional<Admission> admit(const RequestHead& request);
  Task<Admission> look_up(RequestHead request, const Endpoint* endpoint);
  Admission turn_away(const Error& error);
  Task<Response> serve(Request request, const Endpoint* endpoint);
  Task<Response> serve_call(Request request, const Endpoint* endpoint, std::string request_id);
  Task<Result<Caller>> identify(RequestHead request);
  Response answer_failure(const std::exception_ptr& failure, const Endpoint& endpoint,
                          std::string_view request_id);

  Router& router_;
  Authenticator& authenticator_;
  KeyedCalls& keyed_calls_;
  Random& random_;
  Log& log_;
  const RouteSettings settings_;
  std::deque<Endpoint> endpoints_;  // a deque, because routes refer to its elements
};

}  // namespace bellpull
