// The functions of JMESPath on numbers, texts and whatever comes; see base/jmespath_functions.h.
#pragma once

#include <boost/json/value.hpp>

namespace bellpull {

struct JmesCall;

const boost::json::value& jmes_abs(const JmesCall& call);
const boost::json::value& jmes_ceil(const JmesCall& call);
const boost::json::value& jmes_ends_with(const JmesCall& call);
const boost::json::value& jmes_floor(const JmesCall& call);
const boost::json::value& jmes_length(const JmesCall& call);
const boost::json::value& jmes_not_null(const JmesCall& call);
const boost::json::value& jmes_reverse(const JmesCall& call);
const boost::json::value& jmes_starts_with(const JmesCall& call);
const boost::json::value& jmes_to_number(const JmesCall& call);
const boost::json::value& jmes_to_string(const JmesCall& call);
const boost::json::value& jmes_type(const JmesCall& call);

}  // namespace bellpull
