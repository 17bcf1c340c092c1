// How one caller reads what is rendered: the form of timestamps, and whether secrets are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/time.h"
#include "domain/account.h"

namespace bellpull {

inline boost::json::value text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

struct View {
  TimestampForm timestamps = TimestampForm::iso;
  bool shows_secrets = false;

  boost::json::value time(TimePoint time) const {
    if (timestamps == TimestampForm::ms) return to_ms(time);
    return boost::json::value(to_iso(time));
  }
  boost::json::value time(const std::optional<TimePoint>& at) const {
    if (!at) return nullptr;
    return time(*at);
  }
};

}  // namespace bellpull
