// A cron expression in words: "every weekday at 09:00".
//
// Invariant: it is made from the values that match and not from their text, and names them all, so
// two expressions have the same phrase only when they match the same times.
#pragma once

#include <string>

#include "schedule/cron_expression.h"

namespace bellpull {

// Begins in lower case; names no zone.
std::string cron_phrase(const CronExpression& cron);

// The days on which it matches, in the form that stands before a time ("every Monday at ...") or
// behind it ("... on Mondays"); the second is empty for every day.
struct DaysPhrase {
  std::string before;
  std::string behind;
};
DaysPhrase days_phrase(const CronExpression& cron);

// The times of these days: moments ("at 09:00 and 17:00"), or a rhythm ("every 15 minutes").
struct TimesPhrase {
  std::string text;
  bool is_moments = false;
};
TimesPhrase times_phrase(const CronExpression& cron);

}  // namespace bellpull
