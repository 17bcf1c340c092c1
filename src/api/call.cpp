#include "api/call.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/error_reply.h"
#include "base/result.h"
#include "http/response.h"

namespace bellpull {

Response Call::reply(const boost::json::object& object) const {
  Response response{.body = boost::json::serialize(object)};
  response.headers.add("x-request-id", request_id);
  return response;
}

Response Call::reply(const Error& error) const { return error_reply(error, request_id); }

}  // namespace bellpull
