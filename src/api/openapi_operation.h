// One operation of the API's description.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "api/openapi_components.h"
#include "api/routes.h"

namespace bellpull {

boost::json::object openapi_operation(const Routes::Endpoint& endpoint, const std::string& id,
                                      const std::string& family, const Components& components);

}  // namespace bellpull
