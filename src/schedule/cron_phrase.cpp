#include "schedule/cron_phrase.h"

#include <string>

#include "schedule/cron_expression.h"

namespace bellpull {

std::string cron_phrase(const CronExpression& cron) {
  const TimesPhrase times = times_phrase(cron);
  const DaysPhrase days = days_phrase(cron);
  if (times.is_moments) return days.before + " " + times.text;
  return days.behind.empty() ? times.text : times.text + " " + days.behind;
}

}  // namespace bellpull
