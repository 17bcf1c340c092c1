// One request of a known caller, as a handler gets it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "api/keyed_calls.h"
#include "api/view.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"
#include "identity/caller.h"
#include "identity/permit.h"

namespace bellpull {

// A value that a coroutine takes whole; `request` and its views live until the handler completes.
struct Call {
  RequestHead request;
  Caller caller;
  View view;
  std::string request_id;
  boost::json::object body;        // of a POST
  std::shared_ptr<KeyedCall> key;  // null without one; see keyed_calls.h
  std::string_view bytes;          // the body where the endpoint takes any (Routes::post_bytes)
  // Asked again before whatever is sent later than at once.
  Permit permit;

  std::string_view parameter(std::string_view name) const { return request.parameter(name); }

  Response reply(const boost::json::object& object) const;
  Response reply(const Error& error) const;
};

}  // namespace bellpull
