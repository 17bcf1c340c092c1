// The API's description: an OpenAPI 3.1 document of all endpoints, made from the table that routes
// and checks their requests, so that it says what the server does.
//
// The same endpoints give the same text, byte for byte. Throws std::logic_error for what only a
// programmer can get wrong: two endpoints with one operationId, or two schemas with one name.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "api/routes.h"

namespace bellpull {

boost::json::object openapi_document(const std::deque<Routes::Endpoint>& endpoints,
                                     std::string_view version);

// Whether the document has it: whole families that are not built ("/portal/{rest*}") are left out.
bool is_in_document(const Routes::Endpoint& endpoint);
// "/api/v1/bot/{botId}/fetch"
std::string document_path(const Routes::Endpoint& endpoint);
// "bot.fetch": the words of the path.
std::string operation_id(const Routes::Endpoint& endpoint);

}  // namespace bellpull
