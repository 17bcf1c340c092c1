// Lets browsers call the API from other origins (api-contract.md 1.16).
#pragma once

#include <span>
#include <string>

#include "http/request.h"
#include "http/response.h"

namespace bellpull {

// Adds the headers for the request's origin, if it is one of `origins` or they are "*". A request
// from no browser gets only the two that cost little.
void add_cors_headers(Response& response, const RequestHead& request,
                      std::span<const std::string> origins);

}  // namespace bellpull
