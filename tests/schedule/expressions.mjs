// Random cron expressions: their text and, beside it, the values that the text stands for.
const names = {
  4: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  5: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};
const ranges = [[0, 59], [0, 59], [0, 23], [1, 31], [1, 12], [0, 6]];
export const fieldCount = ranges.length;

function valueText(random, field, value, otherSunday = 7) {
  const words = names[field];
  if (field === 5 && value === 0 && random.below(3) === 0) return String(otherSunday);
  if (!words || random.below(2) === 0) return String(value);
  const word = words[value - ranges[field][0]];
  return random.below(4) === 0 ? word.toUpperCase() : word;
}

// A range that Sunday closes, written as 7 or by name: the one range that may run backwards.
function toSunday(random, step) {
  const first = random.between(1, 6);
  const end = random.below(2) === 0 ? '7' : random.one(['sun', 'SUN', 'Sun']);
  const each = random.below(3) === 0 ? step : 1;
  return [`${valueText(random, 5, first)}-${end}${each > 1 || random.below(4) === 0 ? `/${each}` : ''}`, first, 7, each];
}

// One item of a list: `[text, first, last, step]`.
function item(random, field) {
  const [min, max] = ranges[field];
  const first = random.between(min, max);
  const last = random.between(first, max);
  const step = random.between(1, Math.min(12, max - min + 1));
  if (field === 5 && random.below(4) === 0) return toSunday(random, step);
  switch (random.below(7)) {
    case 0: case 1: return [valueText(random, field, first), first, first, 1];
    case 2: return [`${valueText(random, field, first, 0)}-${valueText(random, field, last, 0)}`, first, last, 1];
    case 3: return [`*/${step}`, min, max, step];
    case 4: return [`${first}-${last}/${step}`, first, last, step];
    case 5: return [`${valueText(random, field, first, 0)}-${valueText(random, field, last, 0)}/${step}`, first, last, step];
    default: return [`${first}/${step}`, first, max, step];
  }
}

function field(random, number, restricted) {
  const [min, max] = ranges[number];
  if (random.below(4) >= restricted) return { text: '*', values: new Set(Array.from({ length: max - min + 1 }, (_, i) => min + i)), isFull: true };
  const values = new Set();
  const texts = [];
  let count = 0;
  for (let items = random.below(3) === 0 ? random.between(2, 3) : 1; items > 0; --items) {
    const [text, first, last, step] = item(random, number);
    for (let value = first; value <= last; value += step) values.add(number === 5 ? value % 7 : value);
    count += Math.floor((last - first) / step) + 1;
    texts.push(text);
  }
  return { text: texts.join(','), values, isFull: values.size === max - min + 1, hasDuplicates: count > values.size };
}

const textOf = (fields, hasSeconds) => fields.slice(hasSeconds ? 0 : 1).map(({ text }) => text).join(' ');

// By name, each with its fields.
const macros = {
  '@hourly': '0 * * * *', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@weekly': '0 0 * * 0', '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *',
};

function macro(random) {
  const name = random.one(Object.keys(macros));
  const fields = `0 ${macros[name]}`.split(' ').map((text, number) => {
    const [min, max] = ranges[number];
    const values = text === '*' ? Array.from({ length: max - min + 1 }, (_, i) => min + i) : [Number(text)];
    return { text, values: new Set(values), isFull: text === '*' };
  });
  return { fields, hasSeconds: false, isMacro: true, text: name };
}

export function randomExpression(random) {
  if (random.below(50) === 0) return macro(random);
  const hasSeconds = random.below(5) === 0;
  const fields = [3, 3, 3, 1, 1, 1].map((restricted, number) => field(random, number, restricted));
  if (!hasSeconds) fields[0] = { text: '0', values: new Set([0]), isFull: false };
  return { fields, hasSeconds, text: textOf(fields, hasSeconds) };
}

// The same times in the plainest words: `*` for what leaves nothing out, else a list of numbers.
export function plain(expression) {
  const fields = expression.fields.map((each) => ({ ...each, text: each.isFull ? '*' : [...each.values].sort((a, b) => a - b).join(',') }));
  return textOf(fields, expression.hasSeconds);
}

export const isRhythm = (expression) => expression.fields[2].isFull;

// Whether a day of the wall clock, in ms as if in UTC, is one of the expression's.
export function matchesDay({ fields }, local) {
  const date = new Date(local);
  const has = (number, value) => fields[number].values.has(value);
  const [ofMonth, ofWeek] = [has(3, date.getUTCDate()), has(5, date.getUTCDay())];
  const either = !fields[3].isFull && !fields[5].isFull;
  return has(4, date.getUTCMonth() + 1) && (either ? ofMonth || ofWeek : ofMonth && ofWeek);
}

// Whether no day of a whole cycle of the calendar is one of the expression's.
export function neverRuns(expression) {
  const day = 86_400_000;
  for (let date = Date.UTC(2000, 0, 1); date < Date.UTC(2028, 0, 1); date += day) {
    if (matchesDay(expression, date)) return false;
  }
  return true;
}

// Whether the wall clock's reading, in ms as if in UTC, is one of the expression's.
export function matches(expression, local) {
  const date = new Date(local);
  const shown = [date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours()];
  return shown.every((value, number) => expression.fields[number].values.has(value)) && matchesDay(expression, local);
}
