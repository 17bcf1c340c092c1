// Which handler answers a method and a path.
//
// A pattern is segments: "/api/v1/bot/{botId}/fetch". A literal segment beats a parameter;
// "{name*}" at the end takes the rest of the path. Segments are case-sensitive and decoded once,
// and one slash at the end of a path counts as absent.
//
// Threads: add() before the server starts; find() from any after that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"

namespace bellpull {

// Runs on the connection's thread. A function that returns a Task, or a lambda that calls one: a
// lambda that captures is never itself a coroutine. A coroutine may take its Request by value.
using Handler = std::function<Task<Response>(Request&)>;

// What is decided about a request between its headers and its body.
struct Admission {
  std::optional<Response> refusal;    // the reply, instead of the handler's: 401, 404
  std::shared_ptr<const void> grant;  // what the handler finds as Request::grant()
};
// From memory; nothing when it takes a look-up.
using Admit = std::function<std::optional<Admission>(const RequestHead&)>;
using LookUp = std::function<Task<Admission>(RequestHead)>;

struct Route {
  std::vector<Method> methods;
  std::string pattern;
  std::size_t body_limit = 0;  // bytes of the body: 413 above
  Handler handle;
  Admit admit;     // empty: everybody
  LookUp look_up;  // for what `admit` gives nothing
};

class Router {
 public:
  enum class Outcome : std::uint8_t { found, not_found, method_not_allowed, bad_path };

  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Throws std::logic_error for a pattern that cannot be, or a method that the pattern already has.
  void add(Route route);

  // Fills in `match`. HEAD finds the route of GET or POST too where none names it, for the server
  // to answer without calling it. `bad_path`: an escape that is none, or text that is not UTF-8.
  Outcome find(Method method, std::string_view path, RouteMatch& match) const;

 private:
  struct Node;
  struct Endpoint;

  static const Endpoint* descend(const Node& node, const std::string_view* segment,
                                 const std::string_view* end, std::string_view* value);

  std::unique_ptr<Node> root_;
};

}  // namespace bellpull
