// The functions of JMESPath on lists and objects; see base/jmespath_functions.h.
#pragma once

#include <boost/json/value.hpp>

namespace bellpull {

struct JmesCall;

const boost::json::value& jmes_avg(const JmesCall& call);
const boost::json::value& jmes_contains(const JmesCall& call);
const boost::json::value& jmes_join(const JmesCall& call);
const boost::json::value& jmes_keys(const JmesCall& call);
const boost::json::value& jmes_map(const JmesCall& call);
const boost::json::value& jmes_max(const JmesCall& call);
const boost::json::value& jmes_max_by(const JmesCall& call);
const boost::json::value& jmes_merge(const JmesCall& call);
const boost::json::value& jmes_min(const JmesCall& call);
const boost::json::value& jmes_min_by(const JmesCall& call);
const boost::json::value& jmes_sort(const JmesCall& call);
const boost::json::value& jmes_sort_by(const JmesCall& call);
const boost::json::value& jmes_sum(const JmesCall& call);
const boost::json::value& jmes_to_array(const JmesCall& call);
const boost::json::value& jmes_values(const JmesCall& call);

}  // namespace bellpull
