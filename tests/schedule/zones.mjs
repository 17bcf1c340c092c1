// Zones and the instants at which their clocks change, as Node's own time zone data has them.
export const zones = [
  'UTC', 'Europe/Berlin', 'Europe/London', 'Europe/Dublin', 'America/New_York', 'America/Los_Angeles', 'America/St_Johns',
  'America/Havana', 'America/Sao_Paulo', 'America/Santiago', 'America/Asuncion', 'Africa/Casablanca', 'Africa/Cairo', 'Asia/Kathmandu',
  'Asia/Kolkata', 'Asia/Beirut', 'Asia/Tehran', 'Asia/Gaza', 'Australia/Lord_Howe', 'Australia/Sydney', 'Pacific/Auckland',
  'Pacific/Chatham', 'Pacific/Apia', 'Pacific/Kiritimati', 'Antarctica/Troll', 'Atlantic/Azores',
];

const hour = 3_600_000;
const formats = new Map();

function formatOf(zone) {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

// Of local time from UTC, in ms, as Node knows it.
export function offsetAt(zone, instant) {
  const parts = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) parts[type] = Number(value);
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return local - Math.floor(instant / 1000) * 1000;
}

// Every change in [from, to): `{ at, before, after }`.
function findChanges(zone, from, to) {
  const changes = [];
  const look = 24 * hour;
  let before = offsetAt(zone, from);
  for (let at = from + look; at <= to; at += look) {
    const after = offsetAt(zone, at);
    if (after === before) continue;
    let low = at - look;
    let high = at;
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (offsetAt(zone, middle) === before) low = middle; else high = middle;
    }
    changes.push({ at: high, before, after });
    before = after;
  }
  return changes;
}

export const firstYear = 2006;
export const lastYear = 2030;
// Changes are known up to here.
export const lastKnown = Date.UTC(lastYear + 12, 0, 1);
const known = new Map();

export function changesOf(zone) {
  if (!known.has(zone)) known.set(zone, findChanges(zone, Date.UTC(firstYear, 0, 1), lastKnown));
  return known.get(zone);
}

// The local time at an instant, in ms as if in UTC; quick, from the changes.
export function localAt(zone, instant) {
  const changes = changesOf(zone);
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle].at <= instant) low = middle + 1; else high = middle;
  }
  if (low > 0) return instant + changes[low - 1].after;
  return instant + (changes.length > 0 ? changes[0].before : offsetAt(zone, instant));
}
