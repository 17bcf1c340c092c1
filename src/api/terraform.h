// A blueprint as a Terraform configuration for the official provider (api-contract.md, appendix A).
//
// Nothing secret stands in it: values are variables. What the provider has no attribute for is told
// in a comment.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "domain/blueprint.h"

namespace bellpull {

// `document` is what resource/export gives as JSON.
std::string terraform_of(const Blueprint& blueprint, const boost::json::object& document);

}  // namespace bellpull
