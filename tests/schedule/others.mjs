// The two other implementations, each as a function from (text, zone, after, count) to instants in ms.
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';

function croner(text, zone, after, count) {
  const job = new Cron(text, { timezone: zone, paused: true, sloppyRanges: true });
  return job.nextRuns(count, new Date(after)).map((date) => date.getTime());
}

function cronParser(text, zone, after, count) {
  const expression = CronExpressionParser.parse(text, { tz: zone, currentDate: new Date(after) });
  return expression.take(count).map((date) => date.toDate().getTime());
}

export const others = { croner, 'cron-parser': cronParser };
