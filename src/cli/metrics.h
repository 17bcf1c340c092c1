// The server's /metrics, as far as `status` needs it: Prometheus' text format.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace bellpull::cli {

// Values by name with labels, as they stand: `bellpull_runs_total{state="dead"}`. Lines that cannot
// be read are left out.
std::map<std::string, double> parse_metrics(std::string_view text);

}  // namespace bellpull::cli
