// Why another implementation gives other times than ours, by rule: see docs/schedules.md, where each has its paragraph.
import { isRhythm, matches, matchesDay, plain } from './expressions.mjs';
import { changesOf, lastKnown, localAt, offsetAt } from './zones.mjs';

// What may differ. A difference that is none of these is a fault, ours or theirs.
export const explained = {
  croner: ['Sunday to Sunday', 'wordy star', 'gap, times of day', 'fold, times of day'],
  'cron-parser': [
    'midnight', 'range to Sunday', 'weekday step', 'wordy star', 'duplicates', 'gap, times of day', 'fold, times of day', 'fold, rhythm', 'odd change',
  ],
};

const same = (left, right) => left.length === right.length && left.every((value, i) => value === right[i]);

const hour = 3_600_000;

// Not on the hour, or not by whole hours.
const isOdd = ({ at, before, after }) => (at + before) % hour !== 0 || (after - before) % hour !== 0;

// How far from a change of clocks times may differ: as far as the clocks move, and where cron-parser goes astray, an hour more.
const reachOf = (name, change) => Math.abs(change.after - change.before) + (explained[name].includes('odd change') && isOdd(change) ? hour : 0);

const changesNear = (name, zone, instant) => changesOf(zone).filter((change) => Math.abs(instant - change.at) <= reachOf(name, change));

// The times that both lists reach and that no change of clocks touches.
const quiet = (name, zone, times, until) => times.filter((time) => time <= until && changesNear(name, zone, time).length === 0);

// What the other reads in another way than we do, though the same times can be said so that both read them alike.
const readings = [
  ['midnight', ({ text }) => text === '@midnight'],
  ['range to Sunday', ({ fields }) => /(^|,)([1-7]|[a-z]{3})-sun/i.test(fields[5].text)],
  ['weekday step', ({ fields }) => /(^|,)\w+\/\d/.test(fields[5].text)],
  ['Sunday to Sunday', ({ fields }) => /(^|,)(0|7|sun)-sun/i.test(fields[5].text)],
  ['wordy star', ({ fields }) => fields.some((each) => each.isFull && each.text !== '*')],
  ['duplicates', ({ fields }) => fields.some((each) => each.hasDuplicates)],
];

const refusals = ['midnight', 'range to Sunday', 'duplicates'];

// The other's times, and how it reads the text otherwise, if it does.
function ask(name, other, { expression, zone, after }, ours, count) {
  const given = attempt(() => other(expression.text, zone, after, count));
  if (given.times && same(given.times, ours)) return { ...given, rules: [] };
  const reading = readings.find(([rule, applies]) => explained[name].includes(rule) && (!refusals.includes(rule) || given.error) && applies(expression));
  if (!reading) return { ...given, rules: [] };
  const asPlain = attempt(() => other(plain(expression), zone, after, count));
  const isTheReason = !asPlain.error && (given.error || !same(given.times, asPlain.times));
  return isTheReason ? { ...asPlain, rules: [reading[0]] } : { ...given, rules: [] };
}

function attempt(ask) {
  try {
    return { times: ask() };
  } catch (error) {
    return { error: error.message };
  }
}

// What our rules say for the hours around a change, found by looking at the clock on the wall at every tick.
function watched({ expression, zone }, change, reach) {
  const tick = expression.hasSeconds ? 1000 : 60_000;
  const result = [];
  const begin = Math.floor((change.at - reach) / 60_000) * 60_000 - 4 * hour;
  let latest = localAt(zone, begin);
  for (let now = begin + tick; now <= change.at + reach; now += tick) {
    const local = localAt(zone, now);
    let runs = false;
    if (isRhythm(expression)) {
      runs = matches(expression, local);
    } else {
      for (let shown = latest + tick; shown <= local; shown += tick) runs ||= matches(expression, shown);
      latest = Math.max(latest, local);
    }
    if (runs && now >= change.at - reach) result.push(now);
  }
  return result;
}

// Whether ours are what the rules say, as far as they go.
function followsOurRules(subject, ours, change, reach) {
  const last = ours.at(-1) ?? Infinity;
  const inReach = (time) => time > subject.after && time >= change.at - reach && time <= Math.min(change.at + reach, last);
  return same(ours.filter(inReach), watched(subject, change, reach).filter(inReach));
}

// What our rules say for all the time from an instant on up to another, by the clock on the wall, too.
function watchedBetween(subject, from, to) {
  const { expression, zone } = subject;
  const day = 24 * hour;
  const result = [];
  for (let now = from; now < to;) {
    const isQuiet = changesOf(zone).every(({ at }) => at < now - day || at > now + 2 * day);
    const isIdle = isQuiet && !matchesDay(expression, localAt(zone, now)) && !matchesDay(expression, localAt(zone, now + day));
    const until = Math.min(now + day, to);
    // As if there were a change: from some hours before, so that what the clock showed before is known.
    if (!isIdle) result.push(...watched(subject, { at: (now + until) / 2 }, (until - now) / 2).filter((time) => time > now && time <= until));
    now = until;
  }
  return result;
}

// Whether the other finds nothing more after such a change, or only what it was asked to be later than; and ours are right.
function isLost(subject, ours, theirs) {
  const { zone, after } = subject;
  const times = theirs.filter((time) => time > after);
  if (!same(times, ours.slice(0, times.length)) || times.length >= ours.length) return false;
  const last = times.at(-1) ?? after;
  if (!changesOf(zone).some((change) => isOdd(change) && change.at > last && change.at < ours[times.length])) return false;
  const until = Math.min(ours.at(-1), lastKnown);
  return same(ours.filter((time) => time > last && time <= until), watchedBetween(subject, last, until));
}

function ruleOf(name, expression, change) {
  if (isOdd(change) && explained[name].includes('odd change')) return 'odd change';
  return `${change.after > change.before ? 'gap' : 'fold'}, ${isRhythm(expression) ? 'rhythm' : 'times of day'}`;
}

// The rules by which `ours` and the other's times differ: none when they are the same, `undefined` when it can't be told.
export function explain(name, other, subject, ours, count) {
  const { times, error, rules } = ask(name, other, subject, ours, count);
  const unexplained = { rules: undefined, theirs: error ?? times };
  if (error) return unexplained;
  if (same(times, ours)) return { rules, theirs: times };
  if (explained[name].includes('odd change') && isLost(subject, ours, times)) return { rules: [...rules, 'odd change'], theirs: times };
  const { zone, expression } = subject;
  // cron-parser may go back, so its last time is not always its latest.
  const until = Math.min(...[ours, times].map((list) => (list.length < count ? Infinity : Math.max(...list))));
  if (!same(quiet(name, zone, ours, until), quiet(name, zone, times, until))) return unexplained;
  const isExtra = (time, i) => !ours.includes(time) || time <= times[i - 1];
  const odd = [...ours.filter((time) => !times.includes(time)), ...times.filter(isExtra)].filter((time) => time <= until);
  for (const change of new Set(odd.flatMap((time) => changesNear(name, zone, time)))) {
    if (!followsOurRules(subject, ours, change, reachOf(name, change))) return unexplained;
    rules.push(ruleOf(name, expression, change));
  }
  return rules.length > 0 && rules.every((rule) => explained[name].includes(rule)) ? { rules, theirs: times } : unexplained;
}

// Whether Node's zone data is the server's at all these times, each with the server's offset in ms.
export const sameZoneData = (zone, times, offsets) => times.every((time, i) => offsetAt(zone, time) === offsets[i]);
