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

// One item of a list: `[text, first, last, step]`.
function item(random, field) {
  const [min, max] = ranges[field];
  const first = random.between(min, max);
  const last = random.between(first, max);
  const step = random.between(1, Math.min(12, max - min + 1));
  switch (random.below(6)) {
    case 0: case 1: return [valueText(random, field, first), first, first, 1];
    case 2: return [`${valueText(random, field, first, 0)}-${valueText(random, field, last, 0)}`, first, last, 1];
    case 3: return [`*/${step}`, min, max, step];
    case 4: return [`${first}-${last}/${step}`, first, last, step];
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
    for (let value = first; value <= last; value += step) values.add(value);
    count += Math.floor((last - first) / step) + 1;
    texts.push(text);
  }
  return { text: texts.join(','), values, isFull: values.size === max - min + 1, hasDuplicates: count > values.size };
}

const textOf = (fields, hasSeconds) => fields.slice(hasSeconds ? 0 : 1).map(({ text }) => text).join(' ');

export function randomExpression(random) {
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

// Whether the wall clock's reading, in ms as if in UTC, is one of the expression's.
export function matches(expression, local) {
  const date = new Date(local);
  const shown = [date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours(), date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCDay()];
  const has = (number) => expression.fields[number].values.has(shown[number]);
  const either = !expression.fields[3].isFull && !expression.fields[5].isFull;
  return has(0) && has(1) && has(2) && has(4) && (either ? has(3) || has(5) : has(3) && has(5));
}
